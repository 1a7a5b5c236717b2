"""The first page."""

OVERVIEW: dict[str, tuple[str, str]] = {
    "overview.title": ("Overview", "概览"),
    "overview.lead": (
        "Where the profiles stand, what moved them, and what waits for somebody.",
        "客户现状、变动原因，以及待处理的事项。",
    ),
    "overview.first": ("What to do next", "下一步"),
    "overview.first_text": (
        "The rulesets below are published and ready. No profile was posted yet.",
        "以下规则集已发布并可使用，但尚未提交任何客户资料。",
    ),
    "overview.first_none": (
        "Nothing is published here yet. Make the first ruleset under Rulesets.",
        "尚未发布任何规则集。请在“规则集”中创建第一个。",
    ),
    "overview.first_people": (
        '<a href="{url}">Make a user for each person</a>, so that one can write a change and another approve it.',
        '<a href="{url}">为每个人创建用户</a>，以便一人编辑、另一人审批。',
    ),
    "overview.first_look": (
        'Look at what a ruleset does: <a href="{url}">{title}</a>.',
        '查看规则集的内容：<a href="{url}">{title}</a>。',
    ),
    "overview.first_change": (
        'Change it to fit: write a draft, have it reviewed, publish it. <a href="{url}">What was published so far</a> stays.',
        '按需修改：编写草稿、提交审核、发布。<a href="{url}">已发布的版本</a>会保留。',
    ),
    "overview.first_post": (
        'Post a profile: <code>POST /v1/rulesets/{key}/evaluate</code>. The <a href="/docs">API page</a> has it ready to send.',
        '提交客户资料：<code>POST /v1/rulesets/{key}/evaluate</code>。可在 <a href="/docs">API 页面</a>直接发送。',
    ),
    "overview.waiting": ("Waiting for somebody", "待处理"),
    "overview.nothing_waits": ("Nothing waits for anybody.", "没有待处理的草稿。"),
    "overview.submitted": (
        "The draft of {ruleset} by {author} waits for approval.",
        "{author} 提交的 {ruleset} 草稿待审批。",
    ),
    "overview.approved": (
        "The draft of {ruleset} is approved and can be published.",
        "{ruleset} 的草稿已批准，可以发布。",
    ),
    "overview.rejected": (
        "The draft of {ruleset} by {author} was sent back.",
        "{author} 的 {ruleset} 草稿已被退回。",
    ),
    "overview.open_review": ("Review", "审核"),
    "overview.health": ("Is all well?", "运行状态"),
    "overview.well": ("well", "正常"),
    "overview.not_well": ("look here", "请检查"),
    "health.database": ("Database", "数据库"),
    "health.migrations": ("Schema", "数据库结构"),
    "health.rulesets": ("Rulesets", "规则集"),
    "health.writable": ("Writing", "写入"),
    "health.sealing": ("Waiting to be sealed", "待封存记录"),
    "health.log": ("Log", "日志"),
    "health.sweep": ("Profiles that are due", "待定时评估的客户"),
    "health.delivery": ("Oldest undelivered change", "最早未送达的变更"),
    "overview.profiles": ("profiles", "客户"),
    "overview.version": ("version {version}", "第 {version} 版"),
    "overview.moves": ("{count} changes in {days} days", "{days} 天内 {count} 项变更"),
    "overview.moves_chart": ("Changes of the last {days} days by cause", "最近 {days} 天按原因统计的变更"),
    "overview.no_profiles": ("Ready, without profiles yet", "已就绪，尚无客户"),
    "overview.as_of": ("counted at {at}", "统计于 {at}"),
}
