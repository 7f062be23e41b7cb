package main

// A text is all that the lesson says, in one language. The lines of a and b are indented.
type text struct {
	title                           string
	mainStarts, mainSends, mainGets string
	mainThrows, mainError, mainDead string
	states                          string
	aStarts, aGets, aDone           string
	bStarts, bGets, bThrown, bDone  string
	tea, thanks, closing            string // what goes over
}

var texts = map[string]text{
	"en": {
		title:      "One thread, three stacks: main, a and b. Only the one that was switched to runs.\n\n",
		mainStarts: "main: switches to a for the first time, with %v\n",
		aStarts:    "        a: starts with %[1]v; switches to b, with %[1]v+1\n",
		bStarts:    "                b: starts with %[1]v; switches back to a, with %[1]v+1 and 42\n",
		aGets:      "        a: goes on, its Switch has returned %v; returns, which ends it\n",
		aDone:      "a is done",
		mainGets:   "main: goes on, its Switch has returned \"%v\"\n",
		states:     "main: a = %v, b = %v\n\n",
		mainSends:  "main: switches to b, with \"%v\"\n",
		tea:        "tea",
		bGets:      "                b: goes on, its Switch to a has returned \"%v\", from main; switches to main, with thanks\n",
		thanks:     "thank you",
		mainThrows: "main: throws an error at b: %v\n",
		closing:    "closing time",
		bThrown:    "                b: goes on, its Switch has returned %v and the error: %v; returns an error\n",
		bDone:      "b had to go: %w",
		mainError:  "main: goes on, its Throw has returned the error: %v\n",
		mainDead:   "main: switches to a, which is dead; its parent takes its place, and that is main\n",
	},
	"zh": {
		title:      "一个线程，三个栈：main、a 和 b。切换到谁，谁才运行。\n\n",
		mainStarts: "main：第一次切换到 a，带上 %v\n",
		aStarts:    "        a：启动，收到 %[1]v；切换到 b，带上 %[1]v+1\n",
		bStarts:    "                b：启动，收到 %[1]v；切换回 a，带上 %[1]v+1 和 42\n",
		aGets:      "        a：继续，Switch 返回了 %v；函数返回，a 到此结束\n",
		aDone:      "a 完成了",
		mainGets:   "main：继续，Switch 返回了“%v”\n",
		states:     "main：a = %v，b = %v\n\n",
		mainSends:  "main：切换到 b，带上“%v”\n",
		tea:        "一杯茶",
		bGets:      "                b：继续，当初切换到 a 的那个 Switch 返回了“%v”，是 main 给的；切换到 main，道声谢\n",
		thanks:     "谢谢",
		mainThrows: "main：向 b 抛出一个错误：%v\n",
		closing:    "打烊了",
		bThrown:    "                b：继续，Switch 返回了 %v 和错误：%v；于是返回一个错误\n",
		bDone:      "b 只好走了：%w",
		mainError:  "main：继续，Throw 返回了错误：%v\n",
		mainDead:   "main：再切换到 a，可它已经结束；由它的父 greenlet 接替，也就是 main 自己\n",
	},
}
