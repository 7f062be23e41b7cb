package main

import "greenloop/examples/internal/teach"

var list = map[string]teach.Phrases{
	"en": {
		Head: "First programs with several processes.\n\n",
		Foot: "\nRun one by its name, such as: go run ./examples/processes tickets\n" +
			"Or all of them: go run ./examples/processes all. With -source you see the program, with -lang zh it speaks\n" +
			"Chinese.\n",
	},
	"zh": {
		Head: "初识多进程的几个小程序。\n\n",
		Foot: "\n加上名字运行其中一个，例如：go run ./examples/processes tickets\n" +
			"运行全部程序：go run ./examples/processes all。加 -source 显示程序源码，加 -lang en 改用英文。\n",
	},
}

var unknown = map[string]string{
	"en": "there is no program %q, only %s",
	"zh": "没有名为 %q 的程序，只有 %s",
}
