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
    "overview.first_try": (
        "Open a ruleset and choose <em>Try it</em>: an example profile shows what would be decided, and why.",
        "打开任一规则集并选择<em>试算</em>：用示例资料查看会作出什么决定及其原因。",
    ),
    "overview.first_post": (
        'Post a real profile: <code>POST /v1/rulesets/{key}/evaluate</code>. The <a href="/docs">API page</a> has it ready to send.',
        '提交真实资料：<code>POST /v1/rulesets/{key}/evaluate</code>。可在 <a href="/docs">API 页面</a>直接发送。',
    ),
    "overview.first_people": (
        'Make a user for each person under <a href="/console/people">People and keys</a>, so that a second person can approve changes.',
        '在<a href="/console/people">用户与密钥</a>中为每个人创建用户，以便由第二人审批变更。',
    ),
    "overview.waiting": ("Waiting for somebody", "待处理"),
    "overview.nothing_waits": ("Nothing waits for approval.", "没有待审批的草稿。"),
    "overview.submitted": (
        "The draft of {ruleset} by {author} waits for approval.",
        "{author} 提交的 {ruleset} 草稿待审批。",
    ),
    "overview.approved": (
        "The draft of {ruleset} is approved and can be published.",
        "{ruleset} 的草稿已批准，可以发布。",
    ),
    "overview.health": ("Is all well?", "运行状态"),
    "overview.well": ("well", "正常"),
    "overview.not_well": ("look here", "请检查"),
    "health.database": ("Database", "数据库"),
    "health.migrations": ("Schema", "数据库结构"),
    "health.rulesets": ("Rulesets", "规则集"),
    "health.writable": ("Writing", "写入"),
    "health.sealing": ("Sealing of the log", "日志封存"),
    "health.sweep": ("Profiles that are due", "待定时评估的客户"),
    "health.delivery": ("Oldest undelivered change", "最早未送达的变更"),
    "overview.profiles": ("profiles", "客户"),
    "overview.version": ("version {version}", "第 {version} 版"),
    "overview.moves": ("{count} changes in {days} days", "{days} 天内 {count} 项变更"),
    "overview.moves_chart": ("Changes of the last {days} days by cause", "最近 {days} 天按原因统计的变更"),
    "overview.no_profiles": ("No profile was decided by this ruleset yet.", "此规则集尚未评估任何客户。"),
    "overview.as_of": ("counted at {at}", "统计于 {at}"),
}
