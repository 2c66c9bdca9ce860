"""Multipart forms: fields as text, files to disk as they come, never whole in memory."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest as DjangoBadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from pocketapi.errors import BadRequest, TooLarge
from pocketapi.files.options import options
from pocketapi.files.uploads import Upload

NAMELESS = "file"
CHUNK = 256 * 1024  # bytes

Files = list[tuple[str, Upload]]


class Spool(FileUploadHandler):
    """Writes each file of a form into an Upload. What is longer than any field takes is read on and not kept."""

    chunk_size = CHUNK

    def __init__(self, found: Files, most: int) -> None:
        super().__init__()
        self.found, self.most = found, most

    def new_file(self, field_name: str, file_name: str, *_: Any, **__: Any) -> None:
        if len(self.found) == options().max_files:
            raise TooLarge(f"A request brings {options().max_files} files at the most.")
        self.found.append((field_name, Upload(file_name, self.most)))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        if not self.found[-1][1].write(raw_data):
            self.found[-1][1].finish()
            raise SkipFile

    def take(self, field_name: str, file: UploadedFile[Any]) -> None:
        """What somebody else has received already."""
        self.new_file(field_name, str(file.name))
        upload = self.found[-1][1]
        for chunk in file.chunks(CHUNK):
            if not upload.write(chunk):
                break
        upload.finish()

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        self.found[-1][1].finish()

    def upload_interrupted(self) -> None:
        if self.found[-1][1].size <= self.most:  # else it was read on
            raise BadRequest("The form cannot be read: it ends within a file.")


class FormParser(MultiPartParser):
    """Django's; a file whose name is nothing but a path keeps its content, under a name of ours."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or NAMELESS


def read(request: HttpRequest, found: Files, most: int) -> QueryDict:
    """The fields of a form; its files are added to `found`, of each at most `most` bytes. Whoever calls this closes them."""
    spool = Spool(found, most)
    try:
        if hasattr(request, "_files"):  # a middleware has read the form
            for name, files in request.FILES.lists():
                for file in files:
                    spool.take(name, file)
            return request.POST
        parser = FormParser(request.META, request, [spool], request.encoding)
        fields, _ = parser.parse()
    except (MultiPartParserError, DjangoBadRequest, ValueError) as error:
        raise BadRequest(f"The form cannot be read: {error}") from None
    return fields
