package http

import (
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestsAreTakenAndRefusedAsByNetHTTP(t *testing.T) {
	o := newParseOracle(t)
	require.GreaterOrEqual(t, len(parseCases), 120)
	for _, c := range parseCases {
		for mode := range parseModes {
			seen, refusal := o.compare(t, []byte(c.input), mode, 0)
			switch {
			case c.status == 0 || c.status == 417:
				require.Empty(t, seen, "%q", c.input)
				require.Empty(t, refusal, "%q", c.input)
			case c.status == 200:
				require.NotEmpty(t, seen, "%q: %s", c.input, refusal)
			default:
				require.Empty(t, seen, "%q", c.input)
				require.Equal(t, strconv.Itoa(c.status), refusal[:3], "%q", c.input)
			}
		}
		whole := parseServer{mode: readAll}
		refusal := whole.serve([]byte(c.input))
		for _, piece := range []int{1, 2, 3, 7} {
			pieces := parseServer{mode: readAll, piece: piece}
			require.Equal(t, refusal, pieces.serve([]byte(c.input)), "%q", c.input)
			require.Equal(t, whole.seen, pieces.seen, "%q in pieces of %d", c.input, piece)
		}
	}
}

func TestHeadEndsAtTheFirstEmptyLine(t *testing.T) {
	for _, c := range parseCases {
		want := -1
		for n := range len(c.input) + 1 {
			if got := headEnd([]byte(c.input[:n]), 0); got > 0 {
				want = got
				require.Equal(t, n, got, "not as soon as it is there: %q", c.input)
				break
			}
		}
		seen := 0 // now with what was looked at before
		for n := range len(c.input) + 1 {
			got := headEnd([]byte(c.input[:n]), seen)
			seen = n
			if n < want || want < 0 {
				require.Zero(t, got, "%q", c.input[:n])
				continue
			}
			require.Equal(t, want, got, "%q", c.input[:n])
			break
		}
	}
}

func TestPlainURLsAreWhatNetURLMakesOfThem(t *testing.T) {
	plain := 0
	for c := range 256 {
		for _, format := range []string{"/a%b", "/%", "/%/a?b", "/a?%", "/a?b%c", "%", "/?%?"} {
			uri := strings.Replace(format, "%", string([]byte{byte(c)}), 1)
			got := plainURL(uri)
			if got == nil {
				continue
			}
			plain++
			want, err := url.ParseRequestURI(uri)
			require.NoError(t, err, "%q", uri)
			require.Equal(t, want, got, "%q", uri)
			require.Equal(t, want.String(), got.String())
		}
	}
	require.Greater(t, plain, 256)
	for _, uri := range []string{"", "*", "a", "/a?", "/%20", "/a#", "http://a/", "/[", "/\"", "/é"} {
		require.Nil(t, plainURL(uri), uri)
	}
}

func TestFieldNamesAreCanonical(t *testing.T) {
	for c := range 256 {
		for _, name := range []string{"a%b", "A%B", "%", "-%", "a-%-B", "aA-%"} {
			name = strings.Replace(name, "%", string([]byte{byte(c)}), 1)
			head := []byte(name + ": v\r\n\r\n")
			fields, spaced, ok := scanFields(head, 0, nil)
			if c == '\n' || c == '\r' || c == ':' || c == ' ' || !ok || spaced {
				require.False(t, ok && !spaced && isToken(name), "%q", name)
				continue
			}
			require.Equal(t, textproto.CanonicalMIMEHeaderKey(name), string(head[:fields[0].colon]))
		}
	}
}

func TestValuesAreCheckedEightBytesAtATime(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			value := []byte("12345678\xff\t~ 45678abcd")
			value[at] = byte(c)
			require.Equal(t, isValueBytes(value), isValue(value), "%q", value)
		}
	}
}

func TestARequestCanBeKept(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 1)
	head := []byte("GET /a?b HTTP/1.1\r\nHost: h\r\nx-y: 1\r\nZ: 2\r\n\r\n")
	first, err := parseRequest(ctx, head)
	require.NoError(t, err)
	clear(head)
	head = append(head[:0], "PUT /c HTTP/1.1\r\nHost: i\r\nx-y: 3\r\nZ: 4\r\n\r\n"...)
	second, err := parseRequest(context.Background(), head)
	require.NoError(t, err)
	first.Header["X-Y"] = append(first.Header["X-Y"], "more")
	require.Equal(t, http.Header{"X-Y": {"1", "more"}, "Z": {"2"}}, first.Header)
	require.Equal(t, []string{"GET", "/a", "b", "h"}, []string{first.Method, first.URL.Path, first.URL.RawQuery, first.Host})
	require.Equal(t, []string{"PUT", "/c", "", "i"},
		[]string{second.Method, second.URL.Path, second.URL.RawQuery, second.Host})
	require.Equal(t, 1, first.Context().Value(key{}))
	require.Nil(t, second.Context().Value(key{}))
}

func TestARequestCostsSixAllocations(t *testing.T) {
	head := make([]byte, len(curlHead))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		copy(head, curlHead)
		if _, err := parseRequest(context.Background(), head); err != nil {
			panic(err)
		}
	}), 6.0)
}

func TestARefusalCostsNothingForEachField(t *testing.T) {
	for _, fields := range []string{"A\x00: b\r\n", strings.Repeat("a: b\r\n", 15) + "c\r\n"} {
		input := "GET / HTTP/1.1\r\n" + fields + "\r\n"
		head := make([]byte, len(input))
		require.Zero(t, testing.AllocsPerRun(100, func() {
			copy(head, input)
			if _, err := parseRequest(context.Background(), head); err == nil {
				panic("accepted")
			}
		}))
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	require.EqualError(t, errMalformed, "Bad Request")
	require.EqualError(t, errNoHost, "Bad Request: missing required Host header")
}
