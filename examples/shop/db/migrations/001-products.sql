CREATE TABLE product (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0),
  -- The database itself refuses to sell what is not there.
  stock integer NOT NULL CHECK (stock >= 0)
);
