"""Which database a command works on: that of the settings, else the one that `up` keeps on this machine."""

from __future__ import annotations

from services.runtime.settings import SettingsFault, WatchSettings, variable
from services.standalone.folder import DataFolder, data_home


def database_url(settings: WatchSettings) -> str:
    """Its address.

    Raises:
        SettingsFault: none is set, and `up` keeps none here.
    """
    if settings.database is not None:
        return settings.database_url
    folder = DataFolder(data_home()).postgres
    if not (folder / "data").is_dir():
        raise SettingsFault(
            [f"{variable('database')}: it is not set, and {folder} holds none of `up`; set it, or start `caucasus-watch up` first"]
        )
    from services.standalone.postgres import EmbeddedPostgres

    return EmbeddedPostgres(folder).url
