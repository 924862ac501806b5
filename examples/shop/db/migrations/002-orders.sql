CREATE TABLE "order" (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id integer NOT NULL REFERENCES product,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100),
  total_cents integer NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'shipped')),
  created_at timestamptz NOT NULL DEFAULT now(),
  shipped_at timestamptz
);

-- What the worker asks for, again and again.
CREATE INDEX order_queued ON "order" (id) WHERE status = 'queued';
