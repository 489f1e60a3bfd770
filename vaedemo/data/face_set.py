"""The face set's facts that need no torch: its attributes, and how an aligned face lies in its picture."""

from __future__ import annotations

EYES = ((21.7, 33.1), (41.2, 33.1))  # left and right in an aligned face: (x, y) in pixels whose centres are whole
SIDE = 64  # pixels of an aligned face

ATTRIBUTES = (
    *("5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose"),
    *("Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses"),
    *("Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male", "Mouth_Slightly_Open", "Mustache"),
    *("Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks"),
    *("Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick"),
    *("Wearing_Necklace", "Wearing_Necktie", "Young"),
)

USUAL = {"Young": 1.0, "No_Beard": 1.0, "Brown_Hair": 1.0}
"""What a description says of a face where nobody asked: these attributes are there, all others are not."""
