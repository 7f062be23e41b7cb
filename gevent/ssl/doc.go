// Package ssl is TLS for greenlets: crypto/tls over the connections of package gevent. It is apart from that so that
// programs without TLS do not link it.
//
// # What it promises
//
// A Conn is what a tls.Conn is, with the same configuration, the same protocol and the same errors, and its calls park the
// greenlet that makes them. No Go lock of crypto/tls is ever held while a greenlet waits for a peer, other than for the
// one that makes the handshake, on whom the others wait in a Lock of package gevent: whatever a peer sends, or does not
// read, the hub's thread goes on. Several greenlets may read, write and close at the same time; reads and writes take
// turns.
//
// The connection underneath is the Conn's from the beginning, its deadlines as well.
//
// What ends a wait early ends that call alone. A Read that is killed, thrown at or timed out has taken nothing, and the
// next one goes on. A Write that ends so leaves the connection whole, too: what it has taken is sent, the number it
// returns says how much that is, and one can go on behind it; that holds even after a deadline, where a tls.Conn is broken
// for good. Only the handshake cannot be taken up again: if it is interrupted the connection is of no more use.
//
// # Memory
//
// A Conn keeps 2 KiB beside what crypto/tls keeps, once it was read from. More is in
// use, in blocks of 36 KiB, while it is needed: one while a Write waits for the peer, one while much comes in, and one for
// answers that the protocol makes us give; a peer that asks for more than 16 KiB of those without reading them has the
// connection fail. There is no greenlet for an idle connection. One is started to send what is much, or finds no room at
// once, and ends when that is out.
//
// # Threads
//
// Client, Server, Dial, Listen and NewListener are for the hub's thread. A Conn and a listener may be used from other
// goroutines, too, which block meanwhile: the call is handed to the hub and made there, so it is slower, and never wrong.
// Once the hub has ended it returns net.ErrClosed.
//
// # What it does not do
//
// Certificates are verified, and signatures made, on the hub's thread: a handshake takes some 0.3 to 3 ms of it. With no
// RootCAs of one's own macOS and Windows verify certificates in the system, which can block.
//
// The functions of a tls.Config, such as GetCertificate, are called in the greenlet that makes the handshake, and may
// wait, or end it. Its KeyLogWriter and its Rand must not: crypto/tls holds locks then. ClientHelloInfo.Conn is good for
// its addresses only. Renegotiation is refused: a handshake in the middle of a Read would have to wait with crypto/tls's
// locks held.
//
// # Example
//
//	l, err := ssl.Listen("tcp", ":8443", &tls.Config{Certificates: certs})
//	...
//	server := &gevent.StreamServer{Handler: func(c net.Conn) error {
//		if err := gevent.WithTimeout(10*time.Second, c.(*ssl.Conn).Handshake); err != nil {
//			return err // of this client, who may never send anything
//		}
//		_, err := io.Copy(c, c)
//		return err
//	}}
//	return server.Serve(l)
package ssl
