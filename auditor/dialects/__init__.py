"""How a family spells its answers: bytes to leaves, and leaves to facts. Pure parsers; nothing here asks anything.

* `xml_document.read_xml` and `text_output.read_answer` give a `Document` of leaves;
* `settings.settings_from` makes facts of a document with the words of a profile;
* `certificate_list.roots_from` reads the answer to `certificate list root`;
* `saved.read_saved` does all of it for a file that was taken earlier.

Secrets never leave a parser: a leaf whose name tells of one is dropped, and only its path is told.
"""
