package munge

func spsSize(_ []byte) (width, height uint16) { return 0, 0 }
