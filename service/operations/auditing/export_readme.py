"""What was asked for -> the text that lies on top of an evidence pack: what is in it, and how to check it alone."""

from service.audit.record import write_instant
from service.operations.auditing.export_scope import Asked
from service.operations.auditing.export_text import HIDDEN

README = "README.txt"
TEXT = """\
EVIDENCE PACK of the log `{origin}`

Asked for: {asked}

To check it, you need Python 3.11 and the log's public key, got by another way than this pack:

    python verifier.py THIS.zip --key VKEY [--checkpoint FILE]

FILE is a checkpoint that you were given earlier. The verifier needs no network and nothing else installed.
It says what holds, what does not, and what it could not check. Compare `verifier.py` with the published one first.

manifest.json       what was asked for, how much there is, and the SHA-256 of every file
checkpoints.ndjson  what the log signed
entries.ndjson      the entries of the log; content where it was asked for and not erased
versions.ndjson     the rulesets by which was decided
authority.ndjson    the entries that say who wrote, approved and published them
history.ndjson      each version: author, approver, examples, impact, acknowledged warnings, and what it changed
decisions.ndjson    what changed for whom, with the conditions and their values, in English and Chinese
decisions.csv       the same without the reasons, for a spreadsheet
report.html         to be read or printed
verifier.py         checks all this

The same question about the same tree gives the same bytes on any day, unless content was erased meanwhile.


证据包，日志 `{origin}`

查询条件：{chinese}

核验需要 Python 3.11 和日志的公钥（须从本证据包以外的途径取得）：

    python verifier.py 本文件.zip --key 公钥 --language zh [--checkpoint 文件]

“文件”指您先前收到的检查点。核验程序无需联网，也无需安装其他软件。
它会说明哪些成立、哪些不成立、哪些无法核对。请先将 `verifier.py` 与公开发布的版本比对。

manifest.json       查询条件、数量，以及每个文件的 SHA-256
checkpoints.ndjson  日志签名的检查点
entries.ndjson      日志条目；仅附所查询且未删除的内容
versions.ndjson     判定所依据的规则集
authority.ndjson    说明由谁编写、批准和发布规则集的条目
history.ndjson      各版本：作者、批准人、示例、影响、已确认的警告，以及更改内容
decisions.ndjson    每项变化及其条件和取值，中英文
decisions.csv       同上，不含原因，供电子表格使用
report.html         供阅读或打印
verifier.py         核验以上全部内容

对同一棵树提出同样的查询，任何一天得到的字节都相同，除非其间有内容被删除。
"""


def readme(asked: Asked, origin: str) -> bytes:
    """The text."""
    return TEXT.format(origin=origin, asked=asked_words(asked, "en"), chinese=asked_words(asked, "zh")).encode()


def asked_words(asked: Asked, language: str) -> str:
    """What was asked for, in one line."""
    ever = {"en": "ever", "zh": "不限"}[language]
    begin, end = (ever if at is None else write_instant(at) for at in (asked.begin, asked.end))
    every = {"en": "all", "zh": "全部"}[language]
    profile, ruleset = (HIDDEN.sub("?", one or every) for one in (asked.profile, asked.ruleset))
    if language == "zh":
        return f"客户资料 {profile}；规则集 {ruleset}；记录时间 {begin} 至 {end}；条目总数 {asked.size}"
    return f"profile {profile}; ruleset {ruleset}; recorded from {begin} to {end}; of {asked.size} entries"
