package multiprocessing

import (
	"fmt"
	"reflect"
)

// A DictProxy is a dictionary in a manager, as its clients see it; DictOf makes it. Each call is one step, which no other
// call comes in between. The errors of a call are those of Manager, and what its own comment says.
//
// A value that was got is a copy: changing it, a slice in it say, changes nothing in the manager; Set it again. To have
// what can be changed in place, put a proxy of another dictionary or list into it.
//
// Keys are strings, integers, or values of a fixed size without floats: equal keys must have equal bytes.
type DictProxy[K comparable, V any] struct {
	proxy
	keys   codec[K]
	values codec[V]
}

// DictOf makes a dictionary in the manager, with what is in the maps. The error says so if K cannot be a key. Parks. Hub
// thread only.
//
//	scores, err := mp.DictOf[string, int](m)
func DictOf[K comparable, V any](m *Manager, with ...map[K]V) (*DictProxy[K, V], error) {
	d := new(DictProxy[K, V])
	if err := d.open(); err != nil {
		return nil, err
	}
	pairs, err := d.pairs(with)
	if err != nil {
		return nil, err
	}
	typ := fmt.Sprintf("%v to %v", reflect.TypeFor[K](), reflect.TypeFor[V]())
	d.proxy, err = m.create(kindOfDict, typ, pairs)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// open makes the codecs, which do not travel.
func (d *DictProxy[K, V]) open() (err error) {
	if d.keys.encode == nil {
		d.values = codecOf[V]()
		d.keys, err = keyCodecOf[K]()
	}
	return err
}

func (d *DictProxy[K, V]) pairs(maps []map[K]V) (func(b []byte) []byte, error) {
	n := 0
	var all []byte
	for _, m := range maps {
		for k, v := range m {
			key, err := toManager(&d.keys, &k)
			if err != nil {
				return nil, err
			}
			value, err := toManager(&d.values, &v)
			if err != nil {
				return nil, err
			}
			n++
			all = appendBytes(appendBytes(all, key), value)
		}
	}
	return func(b []byte) []byte { return append(appendUint(b, n), all...) }, nil
}

// at calls an operation on a key, with values.
func (d *DictProxy[K, V]) at(op managerOp, k K, vs ...*V) ([]byte, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	args, err := toManager(&d.keys, &k)
	if err != nil {
		return nil, err
	}
	args = appendBytes(make([]byte, 0, len(args)+32), args)
	for _, v := range vs {
		value, err := toManager(&d.values, v)
		if err != nil {
			return nil, err
		}
		args = appendBytes(args, value)
	}
	return d.call(op, func(b []byte) []byte { return append(b, args...) })
}

func (d *DictProxy[K, V]) valueOf(b []byte, err error) (V, error) {
	if err != nil {
		return *new(V), err
	}
	return fromManager(&d.values, b)
}

// Get returns the value of a key, or ErrKey. Parks. Hub thread only.
func (d *DictProxy[K, V]) Get(k K) (V, error) { return d.valueOf(d.at(opDictGet, k)) }

// Set sets the value of a key. Parks. Hub thread only.
func (d *DictProxy[K, V]) Set(k K, v V) error {
	_, err := d.at(opDictSet, k, &v)
	return err
}

// Delete takes a key out, or returns ErrKey. Parks. Hub thread only.
func (d *DictProxy[K, V]) Delete(k K) error {
	_, err := d.at(opDictDelete, k)
	return err
}

// Pop takes a key out and returns its value, or ErrKey. A caller that is interrupted may have taken it all the same.
// Parks. Hub thread only.
func (d *DictProxy[K, V]) Pop(k K) (V, error) { return d.valueOf(d.at(opDictPop, k)) }

// SetDefault returns the value of a key, which it sets to v if there is none. Parks. Hub thread only.
func (d *DictProxy[K, V]) SetDefault(k K, v V) (V, error) {
	return d.valueOf(d.at(opDictSetDefault, k, &v))
}

// CompareAndSwap sets the value of a key to after if it is before, and reports whether it was. V must be a string, an
// int, []byte, or a value of a fixed size without floats: others cannot be compared in the manager, which is an error.
// Parks. Hub thread only.
func (d *DictProxy[K, V]) CompareAndSwap(k K, before, after V) (bool, error) {
	if !isExact[V]() {
		return false, fmt.Errorf("%w: %v", errNotExact, reflect.TypeFor[V]())
	}
	b, err := d.at(opDictSwap, k, &before, &after)
	return isYes(b), err
}

// Has reports whether a key is there. Parks. Hub thread only.
func (d *DictProxy[K, V]) Has(k K) (bool, error) {
	b, err := d.at(opDictHas, k)
	return isYes(b), err
}

// Len returns how many keys there are. Parks. Hub thread only.
func (d *DictProxy[K, V]) Len() (int, error) { return d.count(opDictLen, nil) }

// Clear takes all keys out. Parks. Hub thread only.
func (d *DictProxy[K, V]) Clear() error {
	_, err := d.call(opDictClear, nil)
	return err
}

// Update sets all keys that are in the map, in one step. Parks. Hub thread only.
func (d *DictProxy[K, V]) Update(with map[K]V) error {
	if err := d.open(); err != nil {
		return err
	}
	pairs, err := d.pairs([]map[K]V{with})
	if err != nil {
		return err
	}
	_, err = d.call(opDictUpdate, pairs)
	return err
}

// Keys returns all keys, in no order. Parks. Hub thread only.
func (d *DictProxy[K, V]) Keys() ([]K, error) { return listed(d, opDictKeys, &d.keys) }

// Values returns all values, in no order. Parks. Hub thread only.
func (d *DictProxy[K, V]) Values() ([]V, error) { return listed(d, opDictValues, &d.values) }

func listed[K comparable, V, T any](d *DictProxy[K, V], op managerOp, c *codec[T]) ([]T, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	b, err := d.call(op, nil)
	if err != nil {
		return nil, err
	}
	return allFromManager(&fieldReader{rest: b}, c)
}

// Items returns a copy of the dictionary. Parks. Hub thread only.
func (d *DictProxy[K, V]) Items() (map[K]V, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	b, err := d.call(opDictItems, nil)
	if err != nil {
		return nil, err
	}
	f := fieldReader{rest: b}
	items := map[K]V{}
	for range f.count() {
		k, err := fromManager(&d.keys, f.bytes())
		if err != nil {
			return nil, err
		}
		if items[k], err = fromManager(&d.values, f.bytes()); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// A Number is what Add adds.
type Number interface {
	int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Add adds delta to the value of a key, which is zero if it is not there, and returns the sum. Several processes may add
// to the same key at the same time, and nothing is lost. Parks. Hub thread only.
func Add[K comparable, V Number](d *DictProxy[K, V], k K, delta V) (V, error) {
	if err := d.open(); err != nil {
		return 0, err
	}
	key, err := toManager(&d.keys, &k)
	if err != nil {
		return 0, err
	}
	value, err := toManager(&d.values, &delta)
	if err != nil {
		return 0, err
	}
	return d.valueOf(d.call(opDictAdd, func(b []byte) []byte {
		return appendBytes(appendFlag(appendBytes(b, key), isFloat[V]()), value)
	}))
}

func isFloat[V Number]() bool {
	kind := reflect.TypeFor[V]().Kind()
	return kind == reflect.Float32 || kind == reflect.Float64
}
