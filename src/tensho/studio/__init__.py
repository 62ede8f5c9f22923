"""The studio: a web page that dreams, writes, composes, compares and keeps characters, on this machine alone.

It is a Starlette application and a page of plain HTML, CSS and ES modules that is served as it lies in the package.
Gradio would have been less to write, but its pages load fonts from elsewhere, keep their state apart from the address
of the page, and bring dozens of packages.

- `tensho.studio.fields` reads what the page asks for, `tensho.studio.drawing` draws it with models that stay open.
- `tensho.studio.job_queue` lets one thread compute for one visitor after the other.
- `tensho.studio.pictures` is a glyph as the page needs it, `tensho.studio.gallery` the glyphs that are kept.
- `tensho.studio.landscape` is the map over which a walk is drawn, `tensho.studio.ids_editor` what composing needs.
- `tensho.studio.app` ties these to addresses, `tensho.studio.serving` to a port.
"""
