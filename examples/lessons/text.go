package main

import (
	"fmt"
	"strings"
)

var languages = []string{"en", "zh"}

// A text is what is said around a lesson, in one language. Its file has the parts in this order: "# " and the title, the
// summary in a line, the explanation, a line "---", the notice. What is not in English goes on with another "---" and pairs
// of lines, a format of the program and its translation, with an empty line between the pairs.
type text struct {
	title, summary string
	before, after  string
	words          map[string]string
}

// textOf returns the text of the nth lesson, counted from 0.
func textOf(n int, lang string) text {
	head, rest, _ := strings.Cut(read(fmt.Sprintf("text/%02d.%s.md", n+1, lang)), "\n\n")
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

// phrases are what the program itself says, in each language.
var phrases = map[string]struct{ head, foot, source, output, unknown, hub, more, page string }{
	"en": {
		head: "A course in cooperative scheduling, in small programs.\n\n",
		foot: "\nRun one with its number, such as: go run ./examples/lessons 7\n" +
			"Or all of them: go run ./examples/lessons all. With -source you see the program, with -trace its timeline,\n" +
			"with -html a page that steps through it; with -lang zh it speaks Chinese.\n",
		source:  "The program, examples/lessons/%s:",
		output:  "It prints:",
		unknown: "lessons: there is no lesson %q: there are %d, numbered from 1\n",
		hub:     "What the scheduler did (hub %d of %d):",
		more:    "… and %d lines more; -html shows all",
		page:    "Step through it: %s",
	},
	"zh": {
		head: "用一组小程序学习协作式调度。\n\n",
		foot: "\n加上编号运行其中一课，例如：go run ./examples/lessons 7\n" +
			"运行全部课程：go run ./examples/lessons all。加 -source 显示程序源码，加 -trace 显示时间线，\n" +
			"加 -html 打开可以逐步前进和后退的页面，加 -lang en 改用英文。\n",
		source:  "程序 examples/lessons/%s：",
		output:  "程序输出：",
		unknown: "lessons: 没有第 %q 课：一共 %d 课，从 1 开始编号\n",
		hub:     "调度器做了什么（第 %d 个 hub，共 %d 个）：",
		more:    "……还有 %d 行；-html 显示全部",
		page:    "逐步查看：%s",
	},
}
