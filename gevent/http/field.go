package http

import (
	"bytes"
	"encoding/binary"
	"net/http"
)

// A field is where the name and the value of a header field are in a head.
type field struct{ name, colon, value, end int }

const del = 0x7f

// scanFields appends the fields of head, which begin at at and end with an empty line, to fields. It puts the names into
// their canonical form and unfolds the values, all in place. spaced says that some name has a space in it.
func scanFields(head []byte, at int, fields []field) (_ []field, spaced, ok bool) {
	for emptyLine(head[at:]) == 0 {
		colon, space := scanName(head, at)
		if colon <= at {
			return nil, false, false
		}
		f := field{name: at, colon: colon}
		if f.value, f.end, at = scanValue(head, colon+1); at < 0 {
			return nil, false, false
		}
		fields = append(fields, f)
		spaced = spaced || space
	}
	return fields, spaced, true
}

// scanName returns where the name that begins at at ends, -1 if it is none.
func scanName(head []byte, at int) (colon int, spaced bool) {
	inWord := 0
	for i := at; i < len(head); i++ {
		c := head[i]
		if c == ':' {
			return i, spaced
		}
		d := canonical[inWord][c]
		if d == 0 {
			if c != ' ' || i == at {
				return -1, false
			}
			spaced, d = true, ' '
		}
		head[i] = d
		inWord = 1
		if c == '-' {
			inWord = 0
		}
	}
	return -1, false
}

// scanValue returns where the value after a colon begins and ends, without the space around it, and where the next line
// begins, -1 if the value is none.
func scanValue(head []byte, at int) (value, end, next int) {
	value, end, next = scanLine(head, at)
	if next < 0 || next == len(head) || !isSpace(head[next]) {
		return value, end, next
	}
	return unfold(head, value, end, next)
}

// scanLine is scanValue for a single line.
func scanLine(head []byte, at int) (value, end, next int) {
	for at < len(head) && isSpace(head[at]) {
		at++
	}
	eol := bytes.IndexByte(head[at:], '\n')
	if eol < 0 {
		return 0, 0, -1
	}
	value, end, next = at, at+eol, at+eol+1
	if end > value && head[end-1] == '\r' {
		end--
	}
	for end > value && isSpace(head[end-1]) {
		end--
	}
	if !isValue(head[value:end]) {
		return 0, 0, -1
	}
	return value, end, next
}

// unfold moves the lines that continue a value behind it, each with one space before it. There is always room: a line has
// lost its end and the space at its start, two bytes at least.
func unfold(head []byte, value, end, next int) (_, _, _ int) {
	for next < len(head) && isSpace(head[next]) {
		from, to, after := scanLine(head, next)
		if after < 0 {
			return 0, 0, -1
		}
		head[end] = ' '
		end += 1 + copy(head[end+1:], head[from:to])
		next = after
	}
	for value < end && isSpace(head[value]) { // the first lines were empty
		value++
	}
	return value, end, next
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// isValue reports whether v has no control characters but tabs. Eight bytes are looked at at once: "Determine if a word
// has a byte less than n", and "has a zero byte", of Sean Anderson's Bit Twiddling Hacks.
func isValue(v []byte) bool {
	const ones = 0x0101010101010101
	for ; len(v) >= 8; v = v[8:] {
		w := binary.LittleEndian.Uint64(v)
		dels := w ^ ones*del
		if ((w-ones*' ')&^w|(dels-ones)&^dels)&(ones<<7) != 0 && !isValueBytes(v[:8]) {
			return false
		}
	}
	return isValueBytes(v)
}

func isValueBytes(v []byte) bool {
	for _, c := range v {
		if c < ' ' && c != '\t' || c == del {
			return false
		}
	}
	return true
}

// isToken reports whether s is what RFC 9110 (5.6.2) calls a token, as methods and field names are.
func isToken(s string) bool {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokenBytes = bytesIn("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

// canonical has what each byte of a field's name becomes: at the start of a word, and in it; 0 for those in no name.
var canonical = func() (table [2][256]byte) {
	for i, ok := range tokenBytes {
		if !ok {
			continue
		}
		c := byte(i)
		table[0][c], table[1][c] = c, lower(c)
		if 'a' <= c && c <= 'z' {
			table[0][c] = c - 'a' + 'A'
		}
	}
	return table
}()

func bytesIn(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c - 'A' + 'a'
	}
	return c
}

// equalFold is strings.EqualFold for ASCII: no letter outside it, such as the Kelvin sign, equals one of it.
func equalFold(s, t string) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != lower(t[i]) {
			return false
		}
	}
	return true
}

// newHeader returns the header that fields of text make.
func newHeader(text string, fields []field) http.Header {
	h := make(http.Header, min(len(fields), 64)) // a lot of fields of one name are no reason for a large map
	values := make([]string, len(fields))
	for i, f := range fields {
		values[i] = text[f.value:f.end]
		h[text[f.name:f.colon]] = values[i : i+1 : i+1]
	}
	if len(h) == len(fields) {
		return h
	}
	clear(h) // some names come more than once
	for i, f := range fields {
		name := text[f.name:f.colon]
		if old := h[name]; old != nil {
			h[name] = append(old, values[i])
		} else {
			h[name] = values[i : i+1 : i+1]
		}
	}
	return h
}
