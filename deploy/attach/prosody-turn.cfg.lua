-- TURN of Bellhop for the users of Prosody 0.12: clients ask their own server where TURN is, not a
-- component. So Prosody has the secret as well and makes credentials that Bellhop accepts. Put these
-- lines right below your `VirtualHost` line, then run `prosodyctl reload`.
--
-- The secret is that of `turn.secret_files` in Bellhop's configuration, the host what clients reach
-- Bellhop by: best the IP address, because some clients resolve no names for UDP.
--
-- All users get the same name from Prosody within a second, so Bellhop counts them by address.
-- Clients that ask components as well (Monal) get names of their own from Bellhop. A server could
-- also delegate urn:xmpp:extdisco:2 to the component (XEP-0355); Bellhop does not take that yet.

modules_enabled = { "turn_external" }
turn_external_secret = "change-me-16-bytes"
turn_external_host = "192.0.2.1"
turn_external_port = 3478
turn_external_tcp = true
turn_external_ttl = 43200

-- Only with `turn.tls_listen`. mod_turn_external would announce TLS without credentials, which stalls
-- clients, so this entry has its own.
external_services = {
  { type = "turns"; transport = "tcp"; host = "turn.example.org"; port = 5349;
    secret = "change-me-16-bytes"; algorithm = "turn"; ttl = 43200; restricted = true };
}
