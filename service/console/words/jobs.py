"""Work that takes longer than a page."""

JOBS: dict[str, tuple[str, str]] = {
    "jobs.title": ("Jobs", "任务"),
    "jobs.lead": ("Work that takes longer than a page, and what came of it.", "耗时较长的工作及其结果。"),
    "jobs.none": ("No job was asked for yet", "还没有任务"),
    "jobs.none_text": (
        "Simulations, proofs, verifications and exports appear here while they run.",
        "模拟、证明、验证和导出在运行时会显示在此。",
    ),
    "jobs.what": ("Work", "工作"),
    "jobs.state": ("State", "状态"),
    "jobs.by": ("Asked for by", "发起人"),
    "jobs.since": ("Asked for at", "发起时间"),
    "jobs.progress": ("{done} of {total}", "{done} / {total}"),
    "jobs.progress_unknown": ("{done} done", "已完成 {done}"),
    "jobs.cancel": ("Cancel", "取消"),
    "jobs.cancelled": ("The job ends within a second.", "任务将在一秒内结束。"),
    "jobs.state.queued": ("waiting", "等待中"),
    "jobs.state.running": ("running", "运行中"),
    "jobs.state.done": ("done", "已完成"),
    "jobs.state.failed": ("failed", "失败"),
    "jobs.state.cancelled": ("cancelled", "已取消"),
    "jobs.kind.simulate": ("Simulation", "模拟"),
    "jobs.kind.prove": ("Proofs", "证明"),
    "jobs.kind.mutants": ("Examples tried against small edits", "示例对小改动的检验"),
}
