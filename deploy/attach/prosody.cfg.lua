-- Attaching Bellhop to Prosody 0.12: put this at the end of /etc/prosody/prosody.cfg.lua, then
-- run `prosodyctl restart`. Replace the domain and the secret by yours.
--
-- The domain should end in that of your VirtualHost ("bellhop.example.org" for "example.org"):
-- then its users find Bellhop by themselves and are allowed to use it.
--
-- Switch Prosody's own proxy off: remove every line `Component "..." "proxy65"` and the word
-- "proxy65" from modules_enabled. With two proxies many clients take whichever they see last.

Component "bellhop.example.org"
  component_secret = "change-me"
  -- After a crash of either side the new connection takes the name over at once, instead of being
  -- refused until Prosody notices that the old one is dead.
  component_conflict_resolve = "kick_old"

-- Prosody listens for components on 127.0.0.1 port 5347. When Bellhop runs on another machine, set
-- in the global section (above the first VirtualHost), inside a network you trust:
--   component_interfaces = { "192.0.2.1" }
--   component_ports = { 5347 }
