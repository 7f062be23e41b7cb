package multiprocessing

// A NamespaceProxy is a set of named values of any types in a manager; Manager.Namespace makes it, and Attr reads and
// writes a value.
type NamespaceProxy struct{ proxy }

// Namespace makes a namespace. Parks. Hub thread only.
func (m *Manager) Namespace() (*NamespaceProxy, error) {
	p, err := m.create(kindOfDict, "namespace", func(b []byte) []byte { return appendUint(b, 0) })
	if err != nil {
		return nil, err
	}
	return &NamespaceProxy{p}, nil
}

// An Attribute is a value of type T in a namespace, under a name.
type Attribute[T any] struct {
	dict DictProxy[string, T]
	name string
}

// Attr returns the attribute of that name. Who uses it must agree on its type. It calls nothing.
//
//	size := mp.Attr[int](ns, "size")
//	err := size.Set(3)
func Attr[T any](ns *NamespaceProxy, name string) *Attribute[T] {
	return &Attribute[T]{DictProxy[string, T]{proxy: ns.proxy}, name}
}

// Get returns the value, or ErrKey if none was set. Parks. Hub thread only.
func (a *Attribute[T]) Get() (T, error) { return a.dict.Get(a.name) }

// Set sets the value. Parks. Hub thread only.
func (a *Attribute[T]) Set(v T) error { return a.dict.Set(a.name, v) }

// Delete takes the value away, or returns ErrKey. Parks. Hub thread only.
func (a *Attribute[T]) Delete() error { return a.dict.Delete(a.name) }
