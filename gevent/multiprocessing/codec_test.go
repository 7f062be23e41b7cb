//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ownStream is what a stream for this one value does.
func ownStream(v, into any) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		return err
	}
	return gob.NewDecoder(&b).Decode(into)
}

var codecBasics = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[float64](),
	reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[codecChain](),
}

// A codecChain is a type inside which it is itself.
type codecChain struct {
	N    int
	Next *codecChain
	Side map[string]codecChain
}

// drawType returns some type that package gob can encode.
func drawType(t *rapid.T, depth int) reflect.Type {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind = 0
	}
	switch kind {
	case 1:
		return reflect.SliceOf(drawType(t, depth-1))
	case 2:
		return reflect.MapOf(reflect.TypeFor[string](), drawType(t, depth-1))
	case 3:
		return reflect.PointerTo(drawType(t, depth-1))
	case 4:
		return reflect.ArrayOf(rapid.IntRange(1, 3).Draw(t, "length"), drawType(t, depth-1))
	case 5:
		return drawStruct(t, depth-1)
	}
	return rapid.SampledFrom(codecBasics).Draw(t, "basic")
}

func drawStruct(t *rapid.T, depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range rapid.IntRange(1, 4).Draw(t, "fields") {
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", i), Type: drawType(t, depth)})
	}
	return reflect.StructOf(fields)
}

// fill sets v to something.
func fill(t *rapid.T, v reflect.Value, depth int) {
	some := rapid.IntRange(0, 2)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, "byte")))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth-1)
		}
	case reflect.Slice:
		n := some.Draw(t, "elements")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range min(some.Draw(t, "keys"), max(depth, 0)) {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e, depth-1)
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint(i)), e)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(rapid.Int32().Draw(t, "time")), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), depth-1)
		}
	}
}

// What a gobber makes of values is what streams of their own make of them, error or not, one after the other.
func TestCodecLikeFreshStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawStruct(t, 2)
		g := newGobber(typ)
		require.True(t, g.primable)
		for range rapid.IntRange(1, 4).Draw(t, "values") {
			v, want, got := reflect.New(typ), reflect.New(typ), reflect.New(typ)
			fill(t, v.Elem(), 4)
			failed := ownStream(v.Interface(), want.Interface())
			b, err := g.encode([]byte("head"), v.Interface())
			require.Equal(t, failed == nil, err == nil, "%v %v", failed, err)
			if err != nil {
				require.Equal(t, failed.Error(), err.Error())
				require.Nil(t, g.enc)
				continue
			}
			require.Equal(t, "head", string(b[:4]))
			require.NoError(t, g.decode(b[4:], got.Interface()))
			require.Equal(t, want.Elem().Interface(), got.Elem().Interface())
			require.NotNil(t, g.enc)
			require.Len(t, g.decs, 1)
		}
	})
}

type (
	codecAny    struct{ A any }
	codecDeep   struct{ M map[string][]*codecAny }
	codecKey    struct{ M map[codecLabel]int }
	codecLabel  interface{ Label() }
	codecHidden struct{ _ any } // package gob does not see it
	codecPlain  struct {
		A int
		S string
	}
	codecFails struct{ Err *codecPicky }
	codecPicky struct{ how string }
)

func (p *codecPicky) GobEncode() ([]byte, error) {
	switch p.how {
	case "panic":
		panic("made for a test")
	case "error":
		return nil, errSelf
	}
	return []byte(p.how), nil
}

func (p *codecPicky) GobDecode(b []byte) error {
	if p.how = string(b); p.how == "later" {
		return errSelf
	}
	return nil
}

// With an interface anywhere inside, definitions come with the values, so no encoder is kept.
func TestCodecWithInterfaces(t *testing.T) {
	gob.Register(codecPlain{})
	for _, typ := range []reflect.Type{
		reflect.TypeFor[any](), reflect.TypeFor[codecAny](), reflect.TypeFor[*codecDeep](), reflect.TypeFor[[]codecDeep](),
		reflect.TypeFor[map[string]any](), reflect.TypeFor[codecKey](), reflect.TypeFor[[2]codecLabel](),
	} {
		require.False(t, newGobber(typ).primable, typ)
		require.True(t, newGobber(typ).handles, typ)
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[codecHidden](), reflect.TypeFor[codecChain]()} {
		require.True(t, newGobber(typ).primable, typ)
		require.False(t, newGobber(typ).handles, typ)
	}
	require.True(t, newGobber(reflect.TypeFor[time.Time]()).primable)
	require.True(t, newGobber(reflect.TypeFor[struct{ C *Conn[any, any] }]()).handles)
	g := newGobber(reflect.TypeFor[codecAny]())
	for _, v := range []codecAny{{1}, {codecPlain{1, "a"}}, {codecPlain{2, "b"}}, {nil}, {"text"}} {
		b, err := g.encode(nil, &v)
		require.NoError(t, err)
		var got codecAny
		require.NoError(t, g.decode(b, &got))
		require.Equal(t, v, got)
	}
	require.Nil(t, g.enc)
	require.Empty(t, g.decs)
}

// As package gob has it, and pickle not: which pointers are the same is forgotten, and those to zero values, too.
func TestGobKeepsNoPointers(t *testing.T) {
	type value struct {
		A, B, Zero *int
		False      *bool
		Empty      *string
		Kept       *codecPlain
		None       []int
	}
	one := 1
	code := codecOf[value]()
	b, err := code.encode(nil, &value{&one, &one, new(int), new(bool), new(string), new(codecPlain), []int{}}, nil)
	require.NoError(t, err)
	var got value
	require.NoError(t, code.decode(b, &got, nil))
	require.Equal(t, value{A: &one, B: &one, Kept: new(codecPlain)}, got)
	require.NotSame(t, got.A, got.B)
}

// After an error or a panic the next value has an encoder, or a decoder, of its own.
func TestCodecAfterFailure(t *testing.T) {
	g := newGobber(reflect.TypeFor[codecFails]())
	send := func(how string) ([]byte, error) { return g.encode(nil, &codecFails{&codecPicky{how}}) }
	check := func(b []byte) {
		t.Helper()
		var got codecFails
		require.NoError(t, g.decode(b, &got))
		require.Equal(t, "well", got.Err.how)
	}
	for range 2 {
		well, err := send("well")
		require.NoError(t, err)
		require.NotNil(t, g.enc)
		check(well)

		_, err = send("error")
		require.ErrorIs(t, err, errSelf)
		require.Nil(t, g.enc)
		well, err = send("well")
		require.NoError(t, err)
		check(well)

		require.Panics(t, func() { _, _ = send("panic") })
		require.Nil(t, g.enc)

		later, err := send("later")
		require.NoError(t, err)
		require.ErrorIs(t, g.decode(later, new(codecFails)), errSelf)
		check(well)
		for n := range well {
			require.Error(t, g.decode(well[:n], new(codecFails)), n)
		}
		check(well)
	}
	require.Len(t, g.decs, 1)
}

// Of large values and of many senders not much is kept.
func TestCodecKeepsLittle(t *testing.T) {
	g := newGobber(reflect.TypeFor[codecPlain]())
	b, err := g.encode(nil, &codecPlain{1, strings.Repeat("x", 2*maxKept)})
	require.NoError(t, err)
	require.Nil(t, g.enc)
	var got codecPlain
	require.NoError(t, g.decode(b, &got))
	require.Empty(t, g.decs)
	for i := range 3 * maxDecoders {
		g.remember(fmt.Append(nil, i), new(gobDecoder))
	}
	require.LessOrEqual(t, len(g.decs), maxDecoders)
}

// A value costs no more than that, once its type is known.
func TestCodecCostsLittle(t *testing.T) {
	g := newGobber(reflect.TypeFor[codecPlain]())
	v, got := codecPlain{1, "text"}, codecPlain{}
	var buffer []byte
	allocs := testing.AllocsPerRun(100, func() {
		b, err := g.encode(buffer[:0], &v)
		if err != nil || g.decode(b, &got) != nil {
			t.Fail()
		}
		buffer = b
	})
	require.LessOrEqual(t, allocs, 8.0)
}

func codecThrough[T any](t require.TestingT, v T) (got T) {
	c := codecOf[T]()
	var with *transfer
	if c.handles {
		with = new(transfer)
	}
	b, err := c.encode(nil, &v, with)
	require.NoError(t, err)
	require.NoError(t, c.decode(b, &got, with))
	return got
}

type (
	codecPair  struct{ A, B int16 }
	codecPairs []codecPair
)

// Slices come as package gob has them, empty ones and all.
func TestCodecOfSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ints := rapid.SliceOfN(rapid.Int(), 1, -1).Draw(t, "ints")
		require.Equal(t, ints, codecThrough(t, ints))
		texts := rapid.SliceOfN(rapid.String(), 1, -1).Draw(t, "texts")
		require.Equal(t, texts, codecThrough(t, texts))
		floats := rapid.SliceOfN(rapid.Float64(), 1, -1).Draw(t, "floats")
		require.Equal(t, floats, codecThrough(t, floats))
	})
	require.Equal(t, codecPairs{{1, 2}, {3, math.MinInt16}}, codecThrough(t, codecPairs{{1, 2}, {3, math.MinInt16}}))
	var want []int
	require.NoError(t, ownStream([]int{}, &want))
	require.Equal(t, want, codecThrough(t, []int{}))
	require.Equal(t, want, codecThrough[[]int](t, nil))
	require.Nil(t, codecThrough(t, []string{}))
	require.Nil(t, codecThrough(t, []float64{}))
	require.Equal(t, []struct{}{{}, {}}, codecThrough(t, []struct{}{{}, {}}), "by package gob: it has no size")
	require.Equal(t, [][]byte{{1}, {2, 3}}, codecThrough(t, [][]byte{{1}, {2, 3}}))

	for _, bad := range []string{"", "\x01", "\x02\x01a", "\x01\x05a", "\x01\x01ab", "\xff\xff\xff\xff\x0f", "\x80"} {
		var texts []string
		require.True(t, errors.Is(parseTexts([]byte(bad), &texts), errWrongKind), "%q", bad)
	}
	var ints []int
	require.ErrorIs(t, parseInts(make([]byte, 9), &ints), errWrongKind)
	var pairs codecPairs
	require.ErrorIs(t, codecOf[codecPairs]().decode(make([]byte, 5), &pairs, nil), errWrongKind)
}

func BenchmarkCodec(b *testing.B) {
	b.Run("struct", func(b *testing.B) { benchCodec(b, codecPlain{1, "text"}) })
	b.Run("interface", func(b *testing.B) { benchCodec(b, codecAny{1}) })
	b.Run("ints=1000", func(b *testing.B) { benchCodec(b, make([]int, 1000)) })
	b.Run("structs=1000", func(b *testing.B) { benchCodec(b, make([]codecPair, 1000)) })
	b.Run("texts=1000", func(b *testing.B) { benchCodec(b, strings.Split(strings.Repeat("text,", 1000), ",")) })
}

func benchCodec[T any](b *testing.B, v T) {
	b.ReportAllocs()
	c := codecOf[T]()
	var buffer []byte
	for b.Loop() {
		var with *transfer
		if c.handles {
			with = new(transfer)
		}
		message, err := c.encode(buffer[:0], &v, with)
		if err != nil {
			b.Fatal(err)
		}
		var got T
		if err := c.decode(message, &got, with); err != nil {
			b.Fatal(err)
		}
		buffer = message
	}
}
