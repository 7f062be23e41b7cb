package main

// A dialogue is what one connection says, in batches of messages, and what it expects to hear.
type dialogue interface {
	// renew prepares out, which is to be sent next.
	renew(out []byte)
	// greeted looks at what has come in answer to a first message, and returns how long that answer is: 0 as long as
	// it is not complete. All answers have that length.
	greeted(answer []byte) (length int, err error)
	// verify checks what came in answer to all of out.
	verify(out, in []byte) error
}
