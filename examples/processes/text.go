package main

import (
	"fmt"
	"strings"
)

var languages = []string{"en", "zh"}

// A text is what is said around a program, in one language. Its file has the parts in this order: "# " and the title, the
// summary in a line, the explanation, a line "---", the notice. What is not in English goes on with another "---" and pairs
// of lines, a format of the program and its translation, with an empty line between the pairs.
type text struct {
	title, summary string
	before, after  string
	words          map[string]string
}

func textOf(p program, lang string) text {
	head, rest, _ := strings.Cut(read(fmt.Sprintf("text/%s.%s.md", p.name, lang)), "\n\n")
	var t text
	t.title = strings.TrimPrefix(head, "# ")
	t.summary, rest, _ = strings.Cut(rest, "\n\n")
	before, rest, _ := strings.Cut(rest, "\n---\n")
	after, pairs, _ := strings.Cut(rest, "\n---\n")
	t.before, t.after = strings.TrimSpace(before), strings.TrimSpace(after)
	if lang == "en" {
		return t
	}
	t.words = map[string]string{}
	for pair := range strings.SplitSeq(strings.TrimSpace(pairs), "\n\n") {
		format, translation, _ := strings.Cut(pair, "\n")
		t.words[format] = translation
	}
	return t
}

// phrases are what is said around the programs, in each language.
var phrases = map[string]struct{ head, foot, source, output, unknown string }{
	"en": {
		head: "First programs with several processes.\n\n",
		foot: "\nRun one by its name, such as: go run ./examples/processes tickets\n" +
			"Or all of them: go run ./examples/processes all. With -source you see the program, with -lang zh it speaks\n" +
			"Chinese.\n",
		source:  "The program, examples/processes/%s.go:",
		output:  "It prints:",
		unknown: "processes: there is no program %q, only %s\n",
	},
	"zh": {
		head: "初识多进程的几个小程序。\n\n",
		foot: "\n加上名字运行其中一个，例如：go run ./examples/processes tickets\n" +
			"运行全部程序：go run ./examples/processes all。加 -source 显示程序源码，加 -lang en 改用英文。\n",
		source:  "程序 examples/processes/%s.go：",
		output:  "程序输出：",
		unknown: "processes: 没有名为 %q 的程序，只有 %s\n",
	},
}
