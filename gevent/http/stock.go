package http

// pageSize is the size of the buffers: of a request's head most often, of the answer that is collected, and of what is sent at once.
const pageSize = 4 << 10

type page [pageSize]byte

// A stock keeps what connections use for a while only, so that those which wait hold none of it. What was given back last is
// taken first, being in the processor's cache. Hub thread only.
type stock struct {
	// landing is where a connection's input arrives: all connections of gevent that wait for some wait with this one buffer,
	// see input.fill.
	landing   page
	pages     []*page
	responses []*response
}

// maxStock is how many of each are kept.
const maxStock = 256

func (s *stock) page() *page {
	last := len(s.pages) - 1
	if last < 0 {
		return new(page)
	}
	p := s.pages[last]
	s.pages = s.pages[:last]
	return p
}

func (s *stock) give(p *page) {
	if len(s.pages) < maxStock {
		s.pages = append(s.pages, p)
	}
}

func (s *stock) response() *response {
	last := len(s.responses) - 1
	if last < 0 {
		return new(response)
	}
	r := s.responses[last]
	s.responses = s.responses[:last]
	return r
}

// giveResponse takes r back. Only the room for header fields stays, without what was in it.
func (s *stock) giveResponse(r *response) {
	clear(r.fields[:cap(r.fields)])
	*r = response{fields: r.fields[:0]}
	if len(s.responses) < maxStock {
		s.responses = append(s.responses, r)
	}
}
