package main

// A text is all that the lesson says, in one language. The eater's lines are indented.
type text struct {
	title                      string
	opens, bakes, closes, ends string // the baker
	hears                      string
	sits, yields, eats, leaves string // the eater
	hungry, verdict            string // what the eater answers
	fillings                   []string
}

var texts = map[string]text{
	"en": {
		title:    "One thread, two who take turns. Left: the baker, a plain function. Right: the eater, a generator.\n\n",
		opens:    "baker: opens the shop and calls Next: you first\n",
		bakes:    "baker: makes bun %d, %s, and hands it over with Send\n",
		hears:    "baker: hears \"%s\"\n",
		closes:   "baker: is out of dough and calls Close\n",
		ends:     "baker: locks up and goes home\n",
		sits:     "                    eater: sits down\n",
		yields:   "                    eater: says \"%s\" and stops at Yield\n",
		eats:     "                    eater: goes on, Yield has returned bun %d; eats it, %s\n",
		leaves:   "                    eater: pays and leaves (deferred, so it runs however it ends)\n",
		hungry:   "I am hungry",
		verdict:  "bun %d was good",
		fillings: []string{"pork", "leek and egg", "red bean"},
	},
	"zh": {
		title:    "一个线程，两个人轮流干活。左边：师傅，普通函数；右边：食客，生成器。\n\n",
		opens:    "师傅：开门营业，调用 Next：您先请\n",
		bakes:    "师傅：做好第 %d 个包子（%s馅），用 Send 递过去\n",
		hears:    "师傅：听到“%s”\n",
		closes:   "师傅：面用完了，调用 Close\n",
		ends:     "师傅：关门回家\n",
		sits:     "                    食客：坐下\n",
		yields:   "                    食客：说“%s”，停在 Yield 上等\n",
		eats:     "                    食客：接着往下走，Yield 返回了第 %d 个包子；开吃，%s馅的\n",
		leaves:   "                    食客：结账走人（写在 defer 里，不管怎么结束都会执行）\n",
		hungry:   "我饿了",
		verdict:  "第 %d 个真好吃",
		fillings: []string{"猪肉大葱", "韭菜鸡蛋", "豆沙"},
	},
}
