package eventlog

// TextWidth is textWidth.
func TextWidth(text string) int { return textWidth(text) }
