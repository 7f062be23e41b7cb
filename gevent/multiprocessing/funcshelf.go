package multiprocessing

// A shelf has the items of a stream that are open: taken from the input and not delivered. It is many boards, each for
// items that follow one another, so that no memory is needed for each.
type shelf[A, R any] struct {
	boards map[int]*board[A, R]
	last   *board[A, R] // that was asked for last
	spare  *board[A, R]
	open   int
}

type board[A, R any] struct {
	number int
	open   int // items that are there or will be
	items  [boardSize]item[A, R]
}

const boardSize = 64

// An item is one call of a stream.
type item[A, R any] struct {
	arg   A
	value R
	err   error
	ready bool
}

// at returns the item at a position.
func (s *shelf[A, R]) at(position int) *item[A, R] {
	return &s.board(position / boardSize).items[position%boardSize]
}

func (s *shelf[A, R]) board(number int) *board[A, R] {
	if s.last != nil && s.last.number == number {
		return s.last
	}
	b := s.boards[number]
	if b == nil {
		if b, s.spare = s.spare, nil; b == nil {
			b = new(board[A, R])
		}
		b.number, b.open = number, boardSize
		s.boards[number] = b
	}
	s.last = b
	return b
}

// put makes the item at a position, once.
func (s *shelf[A, R]) put(position int, arg A) {
	s.at(position).arg = arg
	s.open++
}

// take removes the item at a position.
func (s *shelf[A, R]) take(position int) (value R, err error) {
	it := s.at(position)
	value, err = it.value, it.err
	*it = item[A, R]{}
	s.open--
	if b := s.last; b.open == 1 {
		delete(s.boards, b.number)
		s.last, s.spare = nil, b
	} else {
		b.open--
	}
	return value, err
}
