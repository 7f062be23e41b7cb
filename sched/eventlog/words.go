package eventlog

import "fmt"

// words are what the text timeline says, in one language, and what the page is called if nobody says; page/words.js has the
// rest of what the page says.
type words struct {
	lang, recording                                    string
	legend, lost, task, place, calls                   string
	spawns, spawnsLater, isSpawned, isSpawnedLater     string
	starts, goesOn, yields, sleeps, waits, until, held string
	wakes, timeIsUp, mayStart, isWoken                 string
	ends, endsWith, killed, neverRan, byWhom           string
	takesOver                                          string
	pollsUntil, pollsForever, looks, polled            string
	setsTimer, stopsTimer, timerFires, moves, takesOff string
	host, hostAllWait, cycle, again                    string
}

var languages = map[string]*words{
	"en": {
		lang: "en", recording: "Recording",
		legend: "%s runs   %s is ready   %s waits", lost: "(%d events before these are lost)",
		task: "task %d", place: "  (%s)", calls: ", which calls %s",
		spawns: "spawns %s", spawnsLater: "spawns %s, to start at %v",
		isSpawned: "is spawned", isSpawnedLater: "is spawned, to start at %v",
		starts: "starts", goesOn: "goes on", yields: "yields",
		sleeps: "sleeps until %v", waits: "waits for %s", until: ", until %v", held: ", held by %s",
		wakes: "wakes %s", timeIsUp: "is woken: its time is up",
		mayStart: "is ready to start: it is time", isWoken: "is woken",
		takesOver: "gets control from %s",
		ends:      "ends", endsWith: "ends: %s", killed: "killed",
		neverRan: "ends before its start: %s", byWhom: ", by %s",
		pollsUntil:   "nothing is ready: the loop waits until %v",
		pollsForever: "nothing is ready: the loop waits for an event",
		looks:        "the loop looks for events", polled: "the loop goes on",
		setsTimer: "sets timer %d to %v%s", stopsTimer: "stops timer %d", timerFires: "timer %d fires%s",
		moves: "moves the end of the wait of %s to %v", takesOff: "takes the deadline off the wait of %s",
		host: "the loop returns to the host", hostAllWait: "the loop returns to the host: all tasks wait",
		cycle: "they wait in a cycle: %s",
		again: "… the %d lines above, %d times more",
	},
	"zh": {
		lang: "zh", recording: "运行记录",
		legend: "%s 运行   %s 就绪   %s 等待", lost: "（更早的 %d 个事件已丢失）", task: "任务 %d", place: "  (%s)", calls: "，届时调用 %s",
		spawns: "创建 %s", spawnsLater: "创建 %s，%v 时启动", isSpawned: "被创建", isSpawnedLater: "被创建，%v 时启动",
		starts: "开始运行", goesOn: "继续运行", yields: "让出 CPU",
		sleeps: "休眠到 %v", waits: "等待 %s", until: "，最迟到 %v", held: "，持有者：%s",
		wakes: "唤醒 %s", timeIsUp: "时间到，被唤醒", mayStart: "到了启动时间，就绪", isWoken: "被唤醒",
		takesOver: "从 %s 得到控制权",
		ends:      "结束", endsWith: "结束：%s", killed: "被终止", neverRan: "未启动就结束：%s", byWhom: "，操作者：%s",
		pollsUntil: "没有就绪的任务：事件循环等待到 %v", pollsForever: "没有就绪的任务：事件循环等待事件",
		looks: "事件循环检查有无事件", polled: "事件循环继续",
		setsTimer: "设置定时器 %d，到期时间 %v%s", stopsTimer: "停止定时器 %d", timerFires: "定时器 %d 到期%s",
		moves: "把 %s 的等待期限改为 %v", takesOff: "取消 %s 的等待期限",
		host: "事件循环返回宿主", hostAllWait: "事件循环返回宿主：所有任务都在等待", cycle: "循环等待：%s",
		again: "…… 以上 %d 行又重复 %d 次",
	},
}

// wordsOf returns those of a language; "" is English.
func wordsOf(lang string) (*words, error) {
	if lang == "" {
		lang = "en"
	}
	if w := languages[lang]; w != nil {
		return w, nil
	}
	return nil, fmt.Errorf("eventlog: there are no words in %q; there are in \"en\" and \"zh\"", lang)
}
