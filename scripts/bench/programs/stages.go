// A relay built as Toxiproxy builds its links: for each direction a goroutine that reads, one that stands where a toxic would, and one that
// writes, joined by channels without room; each read is copied into a piece of its own with the time it came. It stands in for Toxiproxy
// where that is not on PATH: the same work between the same sockets. Arguments: the port behind it.

package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

type piece struct {
	bytes []byte
	came  time.Time
}

func main() {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(door.Addr().(*net.TCPAddr).Port)
	for {
		caller, err := door.Accept()
		if err != nil {
			panic(err)
		}
		service, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
		if err != nil {
			caller.Close()
			continue
		}
		relay(caller, service)
		relay(service, caller)
	}
}

func relay(from, to net.Conn) {
	read, passed := make(chan *piece), make(chan *piece)
	go func() {
		defer close(read)
		// As much as io.Copy takes at once.
		buffer := make([]byte, 32*1024)
		for {
			count, err := from.Read(buffer)
			if count > 0 {
				read <- &piece{append([]byte(nil), buffer[:count]...), time.Now()}
			}
			if err != nil {
				return
			}
		}
	}()
	go stage(read, passed, make(chan struct{}))
	go func() {
		defer to.Close()
		for one := range passed {
			if _, err := to.Write(one.bytes); err != nil {
				// Whoever reads must not wait for ever.
				for range passed {
				}
				return
			}
		}
	}()
}

// Where a toxic would be; it can be told to leave at any moment.
func stage(in <-chan *piece, out chan<- *piece, leave <-chan struct{}) {
	defer close(out)
	for {
		select {
		case <-leave:
			return
		case one, more := <-in:
			if !more {
				return
			}
			out <- one
		}
	}
}
