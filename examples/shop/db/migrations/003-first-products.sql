INSERT INTO product (name, description, price_cents, stock) VALUES
  ('Loopback cable', 'Both ends go into the same machine. 1 m.', 790, 120),
  ('Port labels', '65,535 stickers on one roll. Number 0 is reserved.', 1490, 40),
  ('Patch panel', 'Twenty-four sockets, none of them wildcard.', 5900, 12),
  ('Packet bag', 'Carries up to 1,500 bytes without fragmentation.', 2450, 60),
  ('Localhost doormat', 'There is no place like it.', 3990, 25);
