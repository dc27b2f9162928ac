from dataclasses import dataclass

@dataclass
class Theme:
    folder: str
    base_template: str
