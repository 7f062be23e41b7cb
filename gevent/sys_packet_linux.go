package gevent

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A sysName is an IP address and a port as the kernel reads and writes them.
type sysName struct {
	raw unix.RawSockaddrInet6 // large enough for either family
	len uint32
}

// set stores an address. An IPv6 socket takes one of IPv4 as a mapped one.
func (s *sysName) set(a netip.AddrPort, six bool, scope uint32) {
	if six {
		s.raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: a.Addr().As16(), Scope_id: scope}
		s.len = unix.SizeofSockaddrInet6
	} else {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw))
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: a.Addr().Unmap().As4()}
		s.len = unix.SizeofSockaddrInet4
	}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&s.raw.Port))[:], a.Port()) // at the same place in both
}

// addrPort returns the address that was received; the zero AddrPort if there was none.
func (s *sysName) addrPort() (a netip.AddrPort, scope uint32) {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&s.raw.Port))[:])
	switch s.raw.Family {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw)).Addr), port), 0
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(s.raw.Addr), port), s.raw.Scope_id
	}
	return a, 0
}

// receive receives a datagram and the address that it came from. None is longer than 64 KiB, see rawLimit.
func (s *sysName) receive(fd int, b []byte) (int, syscall.Errno) {
	s.raw.Family, s.len = unix.AF_UNSPEC, unix.SizeofSockaddrInet6
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), 0, uintptr(unsafe.Pointer(&s.raw)), uintptr(unsafe.Pointer(&s.len)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// send sends a datagram to the address.
func (s *sysName) send(fd int, b []byte) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), 0, uintptr(unsafe.Pointer(&s.raw)), uintptr(s.len))
	return errno
}

// sysSend sends a datagram where the socket is connected to.
func sysSend(fd int, b []byte) syscall.Errno {
	if len(b) < rawLimit {
		_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
			uintptr(len(b)), 0, 0, 0)
		return errno
	}
	_, _, errno := syscall.Syscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), 0, 0, 0)
	return errno
}
