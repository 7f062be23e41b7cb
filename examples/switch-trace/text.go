package main

// A text is all that the lesson says, in one language.
type text struct {
	title               string
	ended               string // of the greenlet from which control comes
	starts, got, failed string // what a greenlet says of itself
	done, thanks, gone  string // what it sends, or ends with
	tea, closing        string // what main sends and throws
}

var texts = map[string]text{
	"en": {
		title:  "A column for each greenlet. \"<- x\": control came here from x, with a value (switch) or an error (throw).\n\n",
		ended:  ", which has ended",
		starts: "starts with %v", got: "gets \"%v\"", failed: "gets the error \"%v\"",
		done: "a is done", thanks: "thank you", gone: "b had to go: %w",
		tea: "tea", closing: "closing time",
	},
	"zh": {
		title:  "每个 greenlet 占一列。“<- x”表示：控制权从 x 转到这里，带来一个值（switch）或一个错误（throw）。\n\n",
		ended:  "，它已结束",
		starts: "启动，收到 %v", got: "收到“%v”", failed: "收到错误“%v”",
		done: "a 完成了", thanks: "谢谢", gone: "b 只好走了：%w",
		tea: "一杯茶", closing: "打烊了",
	},
}
