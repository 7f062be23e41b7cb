package main

import "greenloop/examples/internal/teach"

var list = map[string]teach.Phrases{
	"en": {
		Head: "A course in cooperative scheduling, in small programs.\n\n",
		Foot: "\nRun one with its number, such as: go run ./examples/lessons 7\n" +
			"Or all of them: go run ./examples/lessons all. With -source you see the program, with -trace its timeline,\n" +
			"with -html a page that steps through it; with -lang zh it speaks Chinese.\n",
	},
	"zh": {
		Head: "用一组小程序学习协作式调度。\n\n",
		Foot: "\n加上编号运行其中一课，例如：go run ./examples/lessons 7\n" +
			"运行全部课程：go run ./examples/lessons all。加 -source 显示程序源码，加 -trace 显示时间线，\n" +
			"加 -html 打开可以逐步前进和后退的页面，加 -lang en 改用英文。\n",
	},
}

// phrases are what the program itself says of lessons, in each language.
var phrases = map[string]struct{ unknown, hub, more, page string }{
	"en": {
		unknown: "there is no lesson %q: there are %d, numbered from 1",
		hub:     "What the scheduler did (hub %d of %d):",
		more:    "… and %d lines more; -html shows all",
		page:    "Step through it: %s",
	},
	"zh": {
		unknown: "没有第 %q 课：一共 %d 课，从 1 开始编号",
		hub:     "调度器做了什么（第 %d 个 hub，共 %d 个）：",
		more:    "……还有 %d 行；-html 显示全部",
		page:    "逐步查看：%s",
	},
}
