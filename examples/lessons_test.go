//go:build unix

package examples

import (
	"bytes"
	"context"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The lessons print exactly this, in each language, each time.
var lessons = []struct{ name, lang, want string }{
	{"generator", "en", `One thread, two who take turns. Left: the baker, a plain function. Right: the eater, a generator.

baker: opens the shop and calls Next: you first
                    eater: sits down
                    eater: says "I am hungry" and stops at Yield
baker: hears "I am hungry"
baker: makes bun 1, pork, and hands it over with Send
                    eater: goes on, Yield has returned bun 1; eats it, pork
                    eater: says "bun 1 was good" and stops at Yield
baker: hears "bun 1 was good"
baker: makes bun 2, leek and egg, and hands it over with Send
                    eater: goes on, Yield has returned bun 2; eats it, leek and egg
                    eater: says "bun 2 was good" and stops at Yield
baker: hears "bun 2 was good"
baker: makes bun 3, red bean, and hands it over with Send
                    eater: goes on, Yield has returned bun 3; eats it, red bean
                    eater: says "bun 3 was good" and stops at Yield
baker: hears "bun 3 was good"
baker: is out of dough and calls Close
                    eater: pays and leaves (deferred, so it runs however it ends)
baker: locks up and goes home
`},

	{"generator", "zh", `一个线程，两个人轮流干活。左边：师傅，普通函数；右边：食客，生成器。

师傅：开门营业，调用 Next：您先请
                    食客：坐下
                    食客：说“我饿了”，停在 Yield 上等
师傅：听到“我饿了”
师傅：做好第 1 个包子（猪肉大葱馅），用 Send 递过去
                    食客：接着往下走，Yield 返回了第 1 个包子；开吃，猪肉大葱馅的
                    食客：说“第 1 个真好吃”，停在 Yield 上等
师傅：听到“第 1 个真好吃”
师傅：做好第 2 个包子（韭菜鸡蛋馅），用 Send 递过去
                    食客：接着往下走，Yield 返回了第 2 个包子；开吃，韭菜鸡蛋馅的
                    食客：说“第 2 个真好吃”，停在 Yield 上等
师傅：听到“第 2 个真好吃”
师傅：做好第 3 个包子（豆沙馅），用 Send 递过去
                    食客：接着往下走，Yield 返回了第 3 个包子；开吃，豆沙馅的
                    食客：说“第 3 个真好吃”，停在 Yield 上等
师傅：听到“第 3 个真好吃”
师傅：面用完了，调用 Close
                    食客：结账走人（写在 defer 里，不管怎么结束都会执行）
师傅：关门回家
`},

	{"greenlet", "en", `One thread, three stacks: main, a and b. Only the one that was switched to runs.

main: switches to a for the first time, with 1
        a: starts with 1; switches to b, with 1+1
                b: starts with 2; switches back to a, with 2+1 and 42
        a: goes on, its Switch has returned [3 42]; returns, which ends it
main: goes on, its Switch has returned "a is done"
main: a = greenlet 2 (dead), b = greenlet 3 (suspended)

main: switches to b, with "tea"
                b: goes on, its Switch to a has returned "tea", from main; switches to main, with thanks
main: goes on, its Switch has returned "thank you"
main: throws an error at b: closing time
                b: goes on, its Switch has returned <nil> and the error: closing time; returns an error
main: goes on, its Throw has returned the error: b had to go: closing time
main: a = greenlet 2 (dead), b = greenlet 3 (dead)

main: switches to a, which is dead; its parent takes its place, and that is main
main: goes on, its Switch has returned "tea"
`},

	{"greenlet", "zh", `一个线程，三个栈：main、a 和 b。切换到谁，谁才运行。

main：第一次切换到 a，带上 1
        a：启动，收到 1；切换到 b，带上 1+1
                b：启动，收到 2；切换回 a，带上 2+1 和 42
        a：继续，Switch 返回了 [3 42]；函数返回，a 到此结束
main：继续，Switch 返回了“a 完成了”
main：a = greenlet 2 (dead)，b = greenlet 3 (suspended)

main：切换到 b，带上“一杯茶”
                b：继续，当初切换到 a 的那个 Switch 返回了“一杯茶”，是 main 给的；切换到 main，道声谢
main：继续，Switch 返回了“谢谢”
main：向 b 抛出一个错误：打烊了
                b：继续，Switch 返回了 <nil> 和错误：打烊了；于是返回一个错误
main：继续，Throw 返回了错误：b 只好走了：打烊了
main：a = greenlet 2 (dead)，b = greenlet 3 (dead)

main：再切换到 a，可它已经结束；由它的父 greenlet 接替，也就是 main 自己
main：继续，Switch 返回了“一杯茶”
`},

	{"switch-trace", "en", `A column for each greenlet. "<- x": control came here from x, with a value (switch) or an error (throw).

main            a               b
                <- main: switch
                starts with 1
                                <- a: switch
                                starts with 2
                <- b: switch
                gets "[3 42]"
<- a: switch, which has ended
gets "a is done"
                                <- main: switch
                                gets "tea"
<- b: switch
gets "thank you"
                                <- main: throw
                                gets the error "closing time"
<- b: throw, which has ended
gets the error "b had to go: closing time"
<- main: switch
gets "tea"
`},

	{"switch-trace", "zh", `每个 greenlet 占一列。“<- x”表示：控制权从 x 转到这里，带来一个值（switch）或一个错误（throw）。

main            a               b
                <- main: switch
                启动，收到 1
                                <- a: switch
                                启动，收到 2
                <- b: switch
                收到“[3 42]”
<- a: switch，它已结束
收到“a 完成了”
                                <- main: switch
                                收到“一杯茶”
<- b: switch
收到“谢谢”
                                <- main: throw
                                收到错误“打烊了”
<- b: throw，它已结束
收到错误“b 只好走了：打烊了”
<- main: switch
收到“一杯茶”
`},
}

func TestLessons(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	binaries := map[string]string{}
	for _, c := range lessons {
		if binaries[c.name] == "" {
			binaries[c.name] = build(t, c.name)
		}
		out, err := exec.CommandContext(ctx, binaries[c.name], "-lang", c.lang).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, c.want, string(out), c.name)
		if c.lang == "en" {
			out, err := exec.CommandContext(ctx, binaries[c.name]).CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, c.want, string(out), "English is what it speaks unless it is told otherwise")
		}
	}
	for name, binary := range binaries {
		cmd := exec.CommandContext(ctx, binary, "-lang", "tlh")
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit)
		require.Equal(t, 2, exit.ExitCode())
		require.Empty(t, out.String())
		require.Equal(t, name+": no lesson in the language \"tlh\", only in [\"en\" \"zh\"]\n", errs.String())
	}
}
