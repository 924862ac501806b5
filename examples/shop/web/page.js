// The page as HTML. Values are escaped wherever they stand; what `html` made itself is not escaped again.

export function renderPage({ products = null, orders = null, tookMs = null, problem = null, done = null }) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Loopback shop</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <header>
    <h1>Loopback shop</h1>
    <p>Everything here runs on this machine.</p>
  </header>
  <main>
    ${problem === null ? '' : html`<p class="notice problem" role="alert"><strong>Sorry:</strong> ${problem}</p>`}
    ${done === null ? '' : html`<p class="notice done" role="status"><strong>Thank you.</strong> ${done}</p>`}
    ${products === null ? '' : renderProducts(products)}
    ${orders === null ? '' : renderOrders(orders)}
  </main>
  <footer>
    ${tookMs === null ? '' : html`<p>The API answered in <b>${tookMs.toFixed(1)} ms</b>.</p>`}
  </footer>
</body>
</html>
`.text;
}

function renderProducts(products) {
  return html`<section aria-labelledby="products">
      <h2 id="products">Products</h2>
      <ul class="products">${products.map(renderProduct)}
      </ul>
    </section>`;
}

function renderProduct({ id, name, description, price_cents, stock }) {
  const most = Math.min(stock, 100);
  return html`
        <li>
          <h3>${name}</h3>
          <p>${description}</p>
          <p class="price">${euros(price_cents)} <span class="stock">${stock === 0 ? 'sold out' : `${stock} left`}</span></p>
          <form method="post" action="/orders">
            <input type="hidden" name="product" value="${id}">
            <label for="quantity-${id}">Quantity<span class="hidden"> of ${name}</span></label>
            <input id="quantity-${id}" name="quantity" type="number" min="1" max="${most}" value="1" required ${disabled(stock)}>
            <button ${disabled(stock)}>Order<span class="hidden"> ${name}</span></button>
          </form>
        </li>`;
}

function renderOrders(orders) {
  if (orders.length === 0) return html`<section><h2>Latest orders</h2><p>None so far.</p></section>`;
  return html`<section aria-labelledby="orders">
      <h2 id="orders">Latest orders</h2>
      <table>
        <thead><tr><th scope="col">Order</th><th scope="col">Goods</th><th scope="col">Total</th><th scope="col">State</th></tr></thead>
        <tbody>${orders.map(renderOrder)}
        </tbody>
      </table>
      <p><a href="/">Look again</a></p>
    </section>`;
}

function renderOrder({ id, product, quantity, total_cents, status }) {
  return html`
          <tr><th scope="row">${id}</th><td>${quantity} × ${product}</td><td>${euros(total_cents)}</td><td><span class="${status}">${status}</span></td></tr>`;
}

function disabled(stock) {
  return stock === 0 ? html`disabled` : '';
}

function euros(cents) {
  return `€${(cents / 100).toFixed(2)}`;
}

class Html {
  constructor(text) {
    this.text = text;
  }
}

function html(strings, ...values) {
  return new Html(strings.map((text, at) => text + (at < values.length ? toText(values[at]) : '')).join(''));
}

function toText(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(toText).join('');
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
