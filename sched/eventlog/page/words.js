// The words of the page, in each language. The program's own texts (names, what is waited for, notes) stay as they are.

const words = {
  en: {
    first: "To the start (Home)", last: "To the end (End)", previous: "Step back (←)", next: "Step forward (→)",
    previousSwitch: "Back to the previous switch (Shift+←)", nextSwitch: "On to the next switch (Shift+→)",
    play: "Play or pause (space)", playShort: "Play", pauseShort: "Pause",
    speed: "Steps", slider: "Step", controls: "Controls",
    theme: "Light or dark", scale: "Scale", byStep: "by step", byTime: "by time", zoom: "Zoom", zoomIn: "Zoom in",
    zoomOut: "Zoom out", zoomFit: "all", filter: "Find a task", order: "Rows", bySpawn: "in order of spawn",
    byTree: "under their parents", canvas: "Timeline: a row for each task. Click or drag to go to a step.",
    running: "runs", ready: "ready, in the run queue", waiting: "waits (colour: for what)",
    wakes: "wakes or spawns", wakesOrPasses: "wakes, spawns, or passes control", marks: "note", later: "starts later",
    control: "raw greenlet with control", hasControl: "has control",
    cpu: "Who runs", waits: "Who waits, and for what",
    timers: "What time will bring", code: "In the program", events: "Events",
    loop: "loop", theLoop: "The loop", more: n => `and ${n} more`,
    none: "Nobody waits.", noTimers: "No deadline and no timer is set.", noEvents: "Nothing was recorded.",
    noMatch: "No task has a name like that.",
    noCode: "This step has no line of the program.", noText: "Its file could not be read when the page was written.",
    summary: (tasks, events, span) => `${tasks} ${tasks === 1 ? "task" : "tasks"} · ${events} events · ${span}`,
    lost: n => ` · ${n} earlier events are lost`,
    position: (step, steps, at) => `step ${step} of ${steps} · ${at}`,
    commentOf: {
      "spawn": "it spawns here", "ready": "it wakes the other here", "park": "it waits here", "yield": "it yields here",
      "timer set": "it sets the timer here", "timer gone": "it stops the timer here",
      "deadline": "it moves the deadline here", "pass": "control goes on here", "note": "it notes here",
    },
    commentOfPlace: {
      "ready": "it waited here", "switch": "it goes on here", "exit": "it was here last",
      "pass": "a raw greenlet starts, about here",
    },
    calls: "what it calls",
    origin: "where the task comes from",
    runsNow: "has the CPU", picks: "The loop picks who is next.",
    idle: "The loop has the CPU: nobody is ready.",
    polls: "Nobody can run: the loop waits for time or for events from outside.",
    hostHas: "The scheduler does not run now.", asleep: at => `The loop is in a poll: it waits for events, ${at}.`,
    queue: n => `Run queue (${n}): first in, first out`, emptyQueue: "The run queue is empty.",
    held: names => `held by ${names} when the wait began`, reason: text => text.replace(/^join of /, "the end of "),
    since: span => `for ${span}`, sinceEver: "since before the recording",
    until: at => `until ${at}`, forEver: "with no limit",
    timer: n => `timer ${n}`, starts: "starts", wakesUp: "its wait ends",
    due: span => `in ${span}`, now: "now",
    taskName: (id, name) => name ? `${name} (${id})` : `task ${id}`,
    and: ", ", comma: ", ", spaced: name => name,
    start: "Before the first event.",
    startWhy: "Green: who runs. Pale green: who is ready. Boxes: who waits. Step forward with →.",
  },
  zh: {
    first: "到开头（Home）", last: "到末尾（End）", previous: "后退一步（←）", next: "前进一步（→）",
    previousSwitch: "后退到上一次切换（Shift+←）", nextSwitch: "前进到下一次切换（Shift+→）",
    play: "播放或暂停（空格）", playShort: "播放", pauseShort: "暂停", speed: "速度", slider: "步", controls: "控制",
    theme: "浅色或深色", scale: "刻度", byStep: "按步", byTime: "按时间", zoom: "缩放", zoomIn: "放大", zoomOut: "缩小",
    zoomFit: "全部", filter: "查找任务", order: "排列", bySpawn: "按创建顺序", byTree: "按父子关系",
    canvas: "时间线：每个任务一行。点击或拖动可跳到某一步。",
    running: "运行", ready: "就绪，在运行队列中", waiting: "等待，颜色表示等待的对象", wakes: "唤醒或创建",
    wakesOrPasses: "唤醒、创建或移交控制权", marks: "备注", control: "有控制权的原始 greenlet", hasControl: "有控制权", later: "稍后启动",
    cpu: "谁在运行", waits: "谁在等待，等什么", timers: "将要到期的时间", code: "程序位置", events: "事件",
    loop: "事件循环", theLoop: "事件循环", more: n => `另有 ${n} 个`,
    none: "没有任务在等待。", noTimers: "没有截止时间，也没有定时器。", noEvents: "没有记录到任何事件。",
    noMatch: "没有名称匹配的任务。",
    noCode: "这一步没有对应的程序行。", noText: "生成本页时无法读取该文件。",
    summary: (tasks, events, span) => `${tasks} 个任务 · ${events} 个事件 · ${span}`,
    lost: n => ` · 更早的 ${n} 个事件已丢失`,
    position: (step, steps, at) => `第 ${step} 步，共 ${steps} 步 · ${at}`,
    commentOf: {
      "spawn": "在此创建", "ready": "在此唤醒另一个", "park": "在此等待", "yield": "在此让出",
      "timer set": "在此设置定时器", "timer gone": "在此停止定时器", "deadline": "在此改变截止时间",
      "pass": "控制权从此处继续", "note": "在此备注",
    },
    commentOfPlace: {
      "ready": "此前在此等待", "switch": "从此处继续", "exit": "最后到过这里", "pass": "一个原始 greenlet 启动，大致在此",
    },
    calls: "到期时调用",
    origin: "任务的来源",
    runsNow: "正在运行", picks: "事件循环正在选择下一个任务。",
    idle: "事件循环正在运行：没有就绪的任务。",
    polls: "没有可运行的任务：事件循环等待时间到期或外部事件。",
    hostHas: "调度器当前没有运行。", asleep: at => `事件循环正在轮询，等待事件，${at}。`,
    queue: n => `运行队列（${n}）：先进先出`, emptyQueue: "运行队列为空。",
    held: names => `开始等待时由 ${names} 持有`, reason: text => text.replace(/^join of (.*)/, "$1 结束"),
    since: span => `已等 ${span}`, sinceEver: "记录开始前就在等待",
    until: at => `直到 ${at}`, forEver: "无时限", timer: n => `定时器 ${n}`, starts: "启动", wakesUp: "等待到期",
    due: span => `${span} 后`, now: "现在",
    taskName: (id, name) => name ? `${name} (${id})` : `任务 ${id}`,
    and: "、", comma: "，", spaced: name => `${name} `,
    start: "第一个事件之前。", startWhy: "绿色：正在运行；浅绿：就绪；方框：等待。按 → 前进一步。",
  },
};

// What an event is in words, and why: by language and kind. d has its parts as texts: see describe in panels.js.
const sentences = {
  en: {
    "spawn": d => [(d.byTask ? `${d.other} spawns ${d.task}` : `${d.task} is spawned, by no task`) +
      (d.later ? `, to start at ${d.deadline}.` : "."),
      d.later ? "It joins the run queue at that time." : "It is ready, at the end of the run queue. It has not run yet."],
    "ready": d => [d.start ? `It is time for ${d.task} to start.` :
      `${d.other} wakes ${d.task}, which ${d.sleep ? "slept" : `waited for ${d.text}`}.`,
      (d.timeUp ? "Its deadline is reached. " : d.byLoop ? "Time or an event brought it. " : "") +
      `It is at the end of the run queue now${d.byLoop ? "" : `; ${d.other} runs on`}.`],
    "park": d => [`${d.task} ${d.sleep ? "sleeps" : `waits for ${d.text}`}` +
      (d.holders ? `, held by ${d.holders}` : "") + (d.until ? `, until ${d.until}.` : "."),
      "It gives up the CPU until somebody makes it ready" + (d.until ? ", or its deadline comes." : ".")],
    "yield": d => [`${d.task} yields.`, "It gives up the CPU, stays ready, and goes to the end of the run queue."],
    "switch": d => d.toHost ? ["Control returns to the host.", d.stuck ?
      "All tasks wait, and no timer is set: unless something comes from outside, this is a deadlock." :
      "The loop has nothing more to run now."] :
      [`${d.task} gets the CPU.`,
        d.first ? "It was the first in the run queue." : "The scheduler picked it out of the run queue."],
    "exit": d => [!d.ran ? `${d.task} ends before it has run${d.text ? `: ${d.text}` : ""}.` :
      d.text ? `${d.task} ends: ${d.text}.` : `${d.task} ends.`, "Those who wait for its end can go on."],
    "poll": d => d.brief ? ["The loop looks for events, and does not wait.",
      "Others are ready, or it is time for something."] :
      [`The loop waits for events${d.until ? `, until ${d.until}` : ", with no limit"}.`,
        "No task can run. The thread sleeps" +
        (d.until ? "; the soonest deadline ends it at the latest." : " until something comes from outside.")],
    "polled": d => [d.took ? `The loop goes on, after ${d.took}.` : "The loop goes on.",
      "It takes the events and the deadlines that have come."],
    "timer set": d => [`Timer ${d.timer}${d.calls} is set for ${d.deadline}.`, ""],
    "timer gone": d => d.fired ? [`Timer ${d.timer}${d.calls} fires.`, "The loop calls its function."] :
      [`Timer ${d.timer}${d.calls} is stopped.`, ""],
    "deadline": d => [`The deadline of ${d.task} moves: it waits ${d.until ? `until ${d.until}` : "with no limit"}.`, ""],
    "pass": d => [`Inside ${d.task}, control passes: ${d.from} → ${d.to}.`,
      "A switch between raw greenlets: the scheduler has no part in it."],
    "note": d => [`${d.task} notes: ${d.text}`, ""],
  },
  zh: {
    "spawn": d => [(d.byTask ? `${d.other}创建 ${d.task}` : `${d.task} 在任务之外被创建`) + (d.later ? `，将在 ${d.deadline} 启动。` : "。"),
      d.later ? "到那时它才进入运行队列。" : "它已就绪，排在运行队列末尾，尚未运行。"],
    "ready": d => [d.start ? `${d.task} 到了启动时间。` : `${d.other}唤醒 ${d.task}，它此前在${d.sleep ? "休眠" : `等待：${d.text}`}。`,
      (d.timeUp ? "它的截止时间已到。" : d.byLoop ? "由时间到期或事件触发。" : "") +
      `它现在排在运行队列末尾${d.byLoop ? "" : `，${d.other}继续运行`}。`],
    "park": d => [`${d.task} 开始${d.sleep ? "休眠" : `等待：${d.text}`}` +
      (d.holders ? `，由 ${d.holders} 持有` : "") + (d.until ? `，直到 ${d.until}。` : "。"),
      "它让出 CPU，直到被唤醒" + (d.until ? "或截止时间到来。" : "。")],
    "yield": d => [`${d.task} 主动让出 CPU。`, "它仍然就绪，排到运行队列末尾。"],
    "switch": d => d.toHost ? ["控制权回到宿主。", d.stuck ?
      "所有任务都在等待，也没有设置定时器：如果外部没有事件到来，这就是死锁。" : "事件循环现在没有可运行的任务。"] :
      [`${d.task} 得到 CPU。`, d.first ? "它排在运行队列的最前面。" : "调度器从运行队列中选中了它。"],
    "exit": d => [!d.ran ? `${d.task} 未运行就结束了${d.text ? `：${d.text}` : ""}。` :
      d.text ? `${d.task} 结束：${d.text}。` : `${d.task} 结束。`, "等待它结束的任务可以继续。"],
    "poll": d => d.brief ? ["事件循环查看有无事件，不等待。", "还有就绪的任务，或者有时间已到期。"] :
      [`事件循环等待事件${d.until ? `，直到 ${d.until}` : "，无时限"}。`,
        "没有可运行的任务，线程休眠" + (d.until ? "，最迟到最近的截止时间为止。" : "，直到外部事件到来。")],
    "polled": d => [d.took ? `事件循环在 ${d.took} 后继续。` : "事件循环继续。", "它处理已到来的事件和已到期的时间。"],
    "timer set": d => [`定时器 ${d.timer}${d.calls} 设定在 ${d.deadline}。`, ""],
    "timer gone": d => d.fired ? [`定时器 ${d.timer}${d.calls} 到期。`, "事件循环调用它的函数。"] : [`定时器 ${d.timer}${d.calls} 被停止。`, ""],
    "deadline": d => [`${d.task} 的截止时间改变：${d.until ? `等到 ${d.until}` : "无时限等待"}。`, ""],
    "pass": d => [`在 ${d.task} 内部，控制权转移：${d.from} → ${d.to}。`, "这是原始 greenlet 之间的切换，调度器不参与。"],
    "note": d => [`${d.task} 备注：${d.text}`, ""],
  },
};
