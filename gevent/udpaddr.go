package gevent

import (
	"net"
	"net/netip"
	"strconv"
)

// unmapped returns an address of IPv4 as such, whatever socket it came to.
func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// A zone is the name of an interface and its number, the last that was asked for: the system tells it slowly.
type zone struct {
	id   uint32
	name string
}

func (z *zone) nameOf(id uint32) string {
	if z.id != id || z.name == "" {
		z.id, z.name = id, strconv.Itoa(int(id))
		if i, err := net.InterfaceByIndex(int(id)); err == nil {
			z.name = i.Name
		}
	}
	return z.name
}

func (z *zone) idOf(name string) (uint32, error) {
	if z.name != name {
		if n, err := strconv.ParseUint(name, 10, 32); err == nil {
			return uint32(n), nil
		}
		i, err := net.InterfaceByName(name)
		if err != nil {
			return 0, err
		}
		z.id, z.name = uint32(i.Index), name
	}
	return z.id, nil
}
