"""What the reader can say about a text; with `shapes`, all that is said of a document before its rules are read."""

from service.language.phrases.phrase import Phrase, phrase
from service.language.phrases.shapes import SHAPES

TEXTS: dict[str, Phrase] = {
    "not-json": phrase(
        "not JSON: line {line}, column {column}: expected a value, a name, `,` or `}}`, found `{found}`",
        "不是 JSON：第 {line} 行第 {column} 列应为值、名称、`,` 或 `}}`，实际是 `{found}`",
        'put names and strings into double quotes and commas between members; there are no comments: `{{"a": 1}}`',
        '名称和字符串要用双引号括起来，成员之间用逗号分隔，并且不能写注释：`{{"a": 1}}`',
    ),
    "not-json/last-comma": phrase(
        "not JSON: line {line}, column {column}: a comma stands after the last entry",
        "不是 JSON：第 {line} 行第 {column} 列，最后一项之后多了一个逗号",
        "remove the comma",
        "删去这个逗号",
    ),
    "not-json/end": phrase(
        "not JSON: line {line}, column {column}: the text ends before what begins here is whole",
        "不是 JSON：从第 {line} 行第 {column} 列起的内容还没有写完，文本就结束了",
        'close every string, list and object: `"`, `]`, `}}`',
        '补上字符串、列表和对象的结尾：`"`、`]`、`}}`',
    ),
    "not-json/more": phrase(
        "not JSON: line {line}, column {column}: expected the end of the text, found `{found}`",
        "不是 JSON：第 {line} 行第 {column} 列应为文本结尾，实际是 `{found}`",
        "a document is one value; put several into one list",
        "一个文档只能有一个值；要写多个值，请放进一个列表",
    ),
    "not-json/string": phrase(
        "not JSON: line {line}, column {column}: expected a character that may stand in a string, found `{found}`",
        "不是 JSON：第 {line} 行第 {column} 列应为字符串中允许的字符，实际是 `{found}`",
        "write a line break as `\\n`, a tab as `\\t` and a backslash as `\\\\`",
        "换行写作 `\\n`，制表符写作 `\\t`，反斜杠写作 `\\\\`",
    ),
    "not-json/constant": phrase(
        "not JSON: expected a value, found `{found}`",
        "不是 JSON：应为一个值，实际是 `{found}`",
        "a number must be finite; leave the member out or write `null` where there is none",
        "数字必须是有限的；没有数值时请省略该成员或写 `null`",
    ),
    "not-json/encoding": phrase(
        "not JSON: expected text in UTF-8, found another byte at offset {offset}",
        "不是 JSON：应为 UTF-8 编码的文本，在偏移 {offset} 处有不合法的字节",
        "save the text as UTF-8",
        "请将文本另存为 UTF-8 编码",
    ),
    "duplicate-key/member": phrase(
        "the member `{key}` stands more than once in one object",
        "同一个对象中重复出现了成员 `{key}`",
        "keep one of them",
        "只保留其中一个",
    ),
    "wrong-shape/character": phrase(
        "expected text, found a character that is none (NUL, or one half of a surrogate pair)",
        "应为文本，实际含有不属于文本的字符（NUL，或只有一半的代理对）",
        "remove `\\u0000`, and write `\\ud800` to `\\udfff` only in pairs",
        "删去 `\\u0000`；`\\ud800` 至 `\\udfff` 只能成对出现",
    ),
    "wrong-shape/character-in-name": phrase(
        "expected text as a member's name, found `{key}` with a character that is none",
        "成员名称应为文本，实际的 `{key}` 含有不属于文本的字符",
        "remove `\\u0000`, and write `\\ud800` to `\\udfff` only in pairs",
        "删去 `\\u0000`；`\\ud800` 至 `\\udfff` 只能成对出现",
    ),
    "limit-exceeded/bytes": phrase(
        "expected at most {most} bytes, found {found}",
        "最多允许 {most} 字节，实际有 {found} 字节",
        "split it into several",
        "请拆成几份",
    ),
    "limit-exceeded/nesting": phrase(
        "expected objects and lists at most {most} deep inside each other, found more",
        "对象和列表最多嵌套 {most} 层，实际超过了",
        "flatten it",
        "请减少嵌套层数",
    ),
    "limit-exceeded/long-number": phrase(
        "expected a number of at most {most} digits, found a longer one",
        "数字最多 {most} 位，实际更长",
        "shorten it, or write it as a string",
        "请缩短，或改写为字符串",
    ),
}

DOCUMENTS: dict[str, Phrase] = {**TEXTS, **SHAPES}
