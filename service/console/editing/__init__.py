"""The editor: a draft's document as forms, its conditions as rows, and what comes of each change.

`places` says where constructs stand, `forms` what their members are as fields, `builder` what a condition is as rows;
the pages over them are in `edit_pages`, `edit_acting` and `draft_pages`.
"""
