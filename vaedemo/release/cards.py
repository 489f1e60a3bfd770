"""Model cards: what a bundle is, where it learned, what it is worth, and on what terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from vaedemo.recipes import NETS, Recipe

TERMS = {
    "MNIST": (
        "MNIST (LeCun, Cortes & Burges 1998), 60,000 + 10,000 handwritten digits, CC BY-SA 3.0 as usually given. The "
        "weights follow those terms. It is half census clerks, half high-school students in the United States: sevens "
        "are rarely crossed and ones rarely have a serif, so the model reads such digits poorly. Digits are centred by "
        "mass in 28x28; a drawing is brought to that geometry first."
    ),
    "drawn sprites": (
        "Sprites drawn by this project with the factors of dSprites (Matthey et al. 2017): 3 shapes, 6 scales, 40 "
        "orientations, 32 x 32 places. No terms but the code's (Apache-2.0). The outlines are our own, so figures "
        "published on the original drawings are near, not the same. A square looks the same after a quarter turn, an "
        "ellipse after half a turn: no single latent can stand for orientation, and MIG pays for that."
    ),
    "COIL-100": (
        "COIL-100 (Nene, Nayar & Murase 1996), 100 things on a turntable, a picture every 5 degrees, here 64 x 64 in "
        "color; research use. The weights follow those terms. It trained on every third angle. The things are toys and "
        "packages on black ground, each in a pose of its own at angle 0; a photo from elsewhere lies far from them."
    ),
    "Extended Yale B": (
        "The Extended Yale Face Database B, cropped (Georghiades et al. 2001, Lee et al. 2005), 38 people under 64 "
        "lights, here 64 x 64 in grey; research use. The weights follow those terms. Ten people would make a class; 38 "
        "make no picture of mankind: faces of other ages, skins or poses are read poorly. Some pictures are nearly "
        "black, as in the original."
    ),
    "CelebA": (
        "CelebA (Liu et al. 2015), here 24,235 aligned faces of 5,932 people, 64 x 64 in color, split by person; "
        "research, non-commercial. The weights follow those terms. They are celebrities, photographed to please: "
        "young, made up, light-skinned and smiling more often than people are, men without make-up and women with "
        "it; the model knows no other world, and moves what went together there. The 40 attributes are what labellers "
        "saw in a picture: `Male` and `Young` are no facts about a person. Not for judging anybody."
    ),
    "scenes, Tiny ImageNet and CelebA": (
        "Three sets, here 64 x 64 in color: scenes (Intel's image classification of six scenes, 22 outdoor classes of "
        "Tiny ImageNet, BSDS500, Urban100, Sun-Hays 80), Tiny ImageNet (68 pictures of each of its 200 classes), and "
        "15,000 faces of CelebA to learn from; research, non-commercial. The weights follow those terms. Colors are "
        "kept at half the resolution, 32 x 32. The photographs are from the web: its skies are blue, its grass is "
        "green, its skins those of celebrities. An answer is a guess at what was in front of a camera, no evidence."
    ),
    "JHMDB, Weizmann and gestures": (
        "Clips of people with a still camera: 267 of JHMDB (Jhuang et al. 2013), 36 of Weizmann's actions (Blank et "
        "al. 2005), 27 of arm gestures of three people; split by person or source video, research use. The weights "
        "follow those terms. Trajectories are optical flow (DIS, Kroeger et al. 2016), chained over 0.6 seconds and "
        "checked by the flow back; where a wall has no texture, flow smears over it from whatever moves before it, and "
        "the model has learned that too. 244 clips of 67 sources are few: it knows golf, pull-ups and pouring, and "
        "guesses at the rest. Not for judging what a person will do."
    ),
    "drawn forks, pendulums and figures": "Scenes drawn by this project; no terms but the code's (Apache-2.0).",
    "drawn streets": "Street scenes drawn by this project; no terms but the code's (Apache-2.0).",
    "cartoon faces": "Cartoon faces drawn by this project; no terms but the code's (Apache-2.0).",
    "synthetic turntable": "Solids drawn by this project; no terms but the code's (Apache-2.0).",
    "synthetic lighting": "Heads drawn by this project; no terms but the code's (Apache-2.0).",
    "synthetic digits": "Digits drawn by this project with Pillow's own font; no terms but the code's (Apache-2.0).",
}

LICENSES = {  # else the code's own
    **{"MNIST": "cc-by-sa-3.0", "COIL-100": "other", "Extended Yale B": "other", "CelebA": "other"},
    **{"scenes, Tiny ImageNet and CelebA": "other", "JHMDB, Weizmann and gestures": "other"},
}

SAYS = {
    "vae": (
        "A convolutional variational autoencoder (Kingma & Welling 2014; with beta other than 1, Higgins et al. 2017): "
        "minimizes distortion + beta * rate in nats a picture."
    ),
    "cvae": (
        "A conditional VAE (Sohn et al. 2015; Kingma et al. 2014): encoder and decoder are told the label, minimizes "
        "distortion + beta * rate in nats a picture, which bounds -log p(x|y). The prior is not told the label, so z "
        "need not hold it. `model.recognize(x)` gives the label that explains a picture best."
    ),
    "attributecvae": (
        "A conditional VAE of faces (the CVAE of Attribute2Image, Yan et al. 2016): encoder and decoder are told "
        "attributes, each from -1 to 1; minimizes distortion + beta * rate in nats a picture, with a Gaussian "
        "p(x|z, y) of one sigma. A net smaller than the paper's. Unlike the paper's, rare attributes are drawn often, "
        "and `independence` weighs the squared covariance of z's means with the attributes, so that y alone says them."
    ),
    "sharpened": (
        "The conditional VAE of faces `faces-cvae`, its decoder trained further against a critic, which tells "
        "photographs of a description from drawn ones (as in the VAE/GAN, Larsen et al. 2016, but with the encoder as "
        "it was), and rewarded where a net of its own, taught by the photographs alone and thrown away, reads what was "
        "asked (as the classifier of the AC-GAN, Odena et al. 2017; the judge below it never met): the same z and "
        "attributes give the same face, with edges, and what was asked shows, more often than labels show in "
        "photographs: that agreement is a touch of caricature. Of a photo what z does not hold is made up: plausible, "
        "and not the person's. Its pictures are no means of p(x|z, y); their squared error is larger. "
        "A fine weave shows in hair and ground, most where z is far out; 64 x 64 pixels stay 64 x 64 pixels."
    ),
    "discvae": (
        "The disCVAE of Attribute2Image (Yan et al. 2016): a person (from z_fg and the attributes) before a background "
        "(from z_bg alone), composited by a gate; minimizes distortion + beta * rate in nats a picture. Unlike the "
        "paper's, the gate is taught by masks, as a Bernoulli of its own, and foreground and background are learned "
        "together; rare attributes are drawn often. The masks are a segmentation model's output, not ground truth."
    ),
    "reader": (
        "A small convolutional net that reads 40 attributes off a face: the judge of the conditional models, none of "
        "which ever learned from it. `model.read(x)` gives log p(x|there) - log p(x|not there), (B, 40)."
    ),
    "quadrant": (
        "A conditional VAE for structured prediction (Sohn et al. 2015): the condition y is the picture with some of "
        "its quadrants hidden (their pixels at -1), and p(x|z, y) is asked for the hidden pixels alone. Minimizes "
        "their distortion + beta * rate in nats a picture. In training 0 to 3 quadrants are given, in the order lower "
        "left, upper left, lower right. Unlike the paper's, p(z) is N(0, I) whatever is given; one model serves all."
    ),
    "quadrant-net": (
        "A deterministic net, the baseline of `digits-quadrant`: the same decoder without z. Minimizes the cross "
        "entropy of the hidden pixels in nats a picture, and so answers with the mean of all that fit what is given."
    ),
    "tcvae": (
        "A beta-TCVAE (Chen et al. 2018): minimizes distortion + information + beta * total correlation + dimension-"
        "wise KL in nats a picture. q(z) is estimated from the batch by minibatch-weighted sampling (the paper's "
        "appendix C.1; its stratified weights gave negative estimates with batches of 256). Unlike the paper's, the "
        "training begins with a dearer rate, `pressure` times, which falls to 1 over `warmup` steps: the latents that "
        "pay most are learned first, one after another."
    ),
    "factorvae": (
        "A FactorVAE (Kim & Mnih 2018): minimizes distortion + rate + gamma * total correlation, which a critic "
        "estimates that tells codes from permuted codes. The critic is smaller than the paper's six layers of 1000."
    ),
    "dcign": (
        "A DC-IGN (Kulkarni et al. 2015): a VAE with a Gaussian p(x|z) whose first latents belong to named factors. In "
        "each minibatch one factor varies; the other factors' latents are clamped to the minibatch's mean, and their "
        "gradient is the difference to that mean, `invariance` times. Unlike the paper's, a batch holds several such "
        "minibatches, the identity varies `identity` times as often as another factor, and the pull is stronger than "
        "1/100, since the loss is in nats a picture."
    ),
    "infogan": (
        "An InfoGAN (Chen et al. 2016): a generator of a category, two continuous codes and noise; a head on the "
        "discriminator's features guesses category and codes, and generator and discriminator make that guess easier. "
        "Unlike the paper's, both nets are smaller, the discriminator sees all pictures turned, sheared and moved a "
        "little (differentiable augmentation, Zhao et al. 2020), two such looks at a real picture shall be of one "
        "category (invariant information clustering, Ji et al. 2019, weighed by `looks`), the category's term comes in "
        "over `warmup` steps, and the codes' after `styles` steps. Without `looks` a run of the same recipe reached "
        "0.84 on the test split."
    ),
    "colorization": (
        "Diverse colorization (Deshpande et al. 2017): a VAE of color fields, ab at 32 x 32, whose loss weighs rare "
        "colors, principal components and gradients; and a mixture density net of 8 Gaussians over its z, given the "
        "grey picture. `model.answers(y, 8, seed=0)` are the 8 means, the likeliest first. Unlike the paper's, the "
        "decoder sees features of the grey picture at four sizes, so that edges are the photo's own; the features "
        "begin as those of `colorization-features` and learn on; VAE and mixture are learned together; and a "
        "component's spread, which hints draw by, is measured instead of set to 0.1."
    ),
    "colorcvae": (
        "A conditional VAE (Sohn et al. 2015) on the nets of `colorization`, as its baseline: the encoder sees the "
        "grey picture too, and p(z) is N(0, I). The loss is the same."
    ),
    "colorvae": (
        "The VAE of `colorization` without its mixture, and with something left out of its loss: it shows what for."
    ),
    "colorbins": (
        "A classifier of each cell's color, one of 100 bins of ab (after Zhang et al. 2016), from the grey picture. "
        "The models of color fields begin with its features. Cells drawn from it know nothing of each other."
    ),
    "colorregression": (
        "The nets of `colorization` without z, by squared error: one answer, the mean of all that fit."
    ),
    "motion": (
        "Motion forecasting (Walker et al. 2016): a CVAE of the trajectories that start from one still, each the first "
        "five DCT coefficients of its x and y over 0.6 seconds, for each cell of a 16 x 16 grid. `model.futures(y, n)` "
        "draws n of them for the still y. Image tower, encoder tower (training only) and decoder tower, z shared over "
        "space, direction and magnitude with a loss each, as in the paper. Unlike the paper's, the nets are small, z "
        "scales and shifts the image's features, the rate weighs `beta`, and the image tower of the model of people "
        "has the frozen features of `colorization-features`."
    ),
    "motionregressor": (
        "The towers of `motion` without z, by squared error: one answer, the mean of all futures, which need be none."
    ),
    "flowclassifier": (
        "Quantized flow (after Walker et al. 2015): each cell's trajectory is one of forty clusters, classified from "
        "the features of `motion`'s image tower. Cells drawn from it know nothing of each other."
    ),
    "eyes": (
        "A small convolutional net without a latent space: from a square crop of a photo to the centres of both eyes, "
        "and whether there is a face at all. It learned from aligned faces, each moved by a random similarity, in "
        "other light and on other ground. `vaedemo.vision.face_alignment` asks it three times, each time about "
        "the photo as aligned by its last answer."
    ),
    "autoencoder": (
        "A plain autoencoder: the VAE's net with neither the KL term nor noise. Its codes have no prior, and there are "
        "holes between them; it is here to show those."
    ),
}

UNITS = {  # ∣ and ‖ are no ASCII bars: those would end a cell of the table
    "nll": "-log p(x), nats a picture, importance sampling from q",
    "elbo": "nats a picture",
    "rate": "KL(q(z∣x) ‖ p(z)), nats a picture",
    "distortion": "-E_q[log p(x∣z)], nats a picture",
    "objective": "distortion + beta * rate, nats a picture",
    "cll_1": "-log p(hidden∣given), nats a picture, given the lower left quadrant; the hidden pixels alone are counted",
    "cll_1_baseline": "the same, of the deterministic net `digits-quadrant-net`",
    "cll_2": "the same as the first, given the left half",
    "cll_2_baseline": "the same, of the deterministic net",
    "cll_3": "the same as the first, given all but the upper right quadrant",
    "cll_3_baseline": "the same, of the deterministic net",
    "mig": "mutual information gap, 20 bins, posterior means (Chen et al. 2018)",
    "factor_score": "FactorVAE score (Kim & Mnih 2018), 10,000 votes to learn, 5,000 to test",
    "dci_disentanglement": "DCI (Eastwood & Williams 2018), gradient-boosted trees, 10,000 points",
    "dci_completeness": "the same",
    "dci_informativeness": "the same; accuracy on 5,000 other points",
    "heldout_error": "squared error a value of [0, 1] at angles it never saw, from the codes of both neighbours",
    "heldout_error_pixel_baseline": "the same, blending the two neighbouring photos",
    "heldout_error_vae_baseline": "the same as the first, of a plain VAE with the same net and training",
    "light_azimuth_r2": "R2 of the light's azimuth, from its own latent, on lights it never saw",
    "light_elevation_r2": "R2 of the light's elevation, likewise",
    "light_leak": "R2 of both angles from all other latents, linear, mean of the two (lower is better)",
    "category_accuracy": "pictures whose category stands for their label, each category given one label",
    "classifier_accuracy": "pictures drawn for a label that an independent classifier takes for it, 1,000 a label",
    "classifier_accuracy_real": "real test pictures that the same classifier reads right",
    "reader_balanced_accuracy": "mean over 40 attributes of the balanced accuracy on real faces",
    "reader_balanced_accuracy_least": "the same, of the attribute read worst",
    "balanced_agreement": "balanced accuracy of the reader on drawn faces, by what was asked; mean over attributes",
    "balanced_agreement_real": "the same reader's on real faces of the split, by their labels",
    "balanced_agreement_share": "the first of these in parts of the second",
    "attribute_cosine": "cosine of asked and read attributes, drawn faces",
    "attribute_cosine_baseline": "the same of real training faces that share the rarest asked value",
    "attribute_cosine_vae": "the same of faces-vae, codes of other people moved along attribute vectors",
    "monotonic_share": "z for which the reader's score rises at each of 4 steps from -1 to 1; mean over attributes",
    "monotonic_share_least": "the same, of the worst attribute",
    "leak": "movement of other attributes relative to its own, beyond what goes together in real faces",
    "pixel_mse": "squared error a value of [0, 1], reconstructions from posterior means",
    "sharpness": "mean gradient energy of samples relative to real pictures",
    "completion_error": "squared error a hidden value of [0, 1], best of 8 guesses; 60 faces",
    "completion_error_nn": "the same of the nearest training face by what is visible",
    "completion_spread": "variance over the 8 guesses",
    "gate_iou": "gate against masks: the person's intersection over union, all pixels of the split",
    "background_iou": "the same of the background",
    "faces_found": "share of 200 faces of the split, each placed on a larger canvas, turned by up to 30 degrees",
    "eyes_within_2px": "share of the same 200: both eyes within 2 pixels, counted on the aligned 64 x 64 face",
    "eye_error": "pixels there, of the worse eye, median of the faces found",
    "error_of_best_8": "distance of ab / 128 to the truth, mean over cells, the nearest of 8 answers; mean of sets",
    "variance_8": "of ab / 128 over the 8 answers, mean over cells",
    "chroma_ratio": "mean chroma of the answers over the true colors'",
    "off_edge_ratio": "share of strong edges of color off all edges of lightness, over the true colors' own such share",
    "weighted_error": "squared error of ab / 128 through encoder and decoder, rare colors weighing more",
    "hint_gain_share": "pictures whose heaviest answer is nearer to the truth once one cell's color was told",
    "hint_gain": "by what part of its error, on average",
    "color_nats": "-log P(color bins∣grey), nats a picture of 1,024 cells",
    "modes_found_2": "futures of drawn scenes with two equally likely ones that some of 1,000 samples comes near",
    "modes_found_3": "the same of three",
    "modes_found_4": "the same of four",
    "mode_share_error": "the largest of ∣m share - 1∣ over a scene's m futures, mean over scenes",
    "mode_shares_within_half": "scenes where that is at most .5",
    "still_motion_ratio": "how far cells at rest are foretold to move, over the same of cells that move",
    "evidence_error": "nats between log p(x) by grid and by 100,000 samples (±: theirs), mean of 100 digits",
    "evidence_identity_error": "nats, largest of ∣log p(x) - ELBO - KL(q ‖ p(z∣x))∣ over 1,000 ellipses q",
    "gap_min": "nats, least KL(q ‖ p(z∣x)) of these",
    "active_dimensions": "latents whose posterior mean varies over the data (variance > 0.01; Burda et al. 2016)",
}


_PARZEN = "nats a coefficient, Parzen window"
_BEST = "root mean square over coefficients in pixels of the still, the nearest of"
FORECAST_UNITS = {
    "nll": f"-log p(trajectories∣still), {_PARZEN} around 800 samples, every source alike",
    "nll_regressor": "the same of `motion-regressor`",
    "nll_flow_classification": "the same of `motion-classifier`, each cell drawn on its own",
    "nll_nearest": "the same of the training stills that are nearest in their pixels",
    "nll_gain_low": "the regressor's less the model's, lower end of the 95 % interval over sources drawn anew",
    "nll_gain_high": "upper end",
    "train_nll": "nll of training stills",
    **{f"best_of_{k}": f"{_BEST} {k}" for k in (1, 2, 5, 10, 20, 50, 100)},
    "best_of_10_regressor_noise": "the same of ten: the regressor's answer with the best Gaussian noise",
}


def card(recipe: Recipe, metrics: Mapping[str, float | int | str], folder: Path) -> str:
    """The bundle's README.md, in Markdown with the Hub's front matter."""
    source = str(metrics["data"])
    units = {**UNITS, **FORECAST_UNITS} if recipe.data == "actions" else UNITS
    rows = [
        f"| {key} | {metrics[key]}{_error(metrics, key)} | {unit} |" for key, unit in units.items() if key in metrics
    ]
    rows += [f"| {key} | {value} | the same of {key.split('/')[0]} |" for key, value in metrics.items() if "/" in key]
    measured = ["Not measured yet.", ""]
    if rows:
        protocol = f"Measured on {source}, {metrics['split']} split, n = {metrics['n']:,}, seed {metrics['seed']}:"
        measured = [protocol, "", "| what | value | unit |", "|---|---|---|", *rows, ""]
    if "nll_n" in metrics:
        measured += [f"NLL: {metrics['nll_samples']:,} samples of q for each of {metrics['nll_n']:,} pictures.", ""]
    if "cll_samples" in metrics:
        measured += [f"CLL: {metrics['cll_samples']:,} samples of q for each of {metrics['cll_n']:,} pictures.", ""]
    elif "cll_n" in metrics:
        measured += [f"CLL: of {metrics['cll_n']:,} pictures.", ""]
    size = (folder / "model.safetensors").stat().st_size
    return "\n".join(
        [
            "---",
            "library_name: pytorch",
            f"license: {LICENSES.get(source, 'apache-2.0')}",
            "tags: [variational-autoencoder]",
            "---",
            f"# {recipe.title} (`{recipe.name}`)",
            "",
            SAYS[recipe.model],
            "",
            *measured,
            f"Trained for {recipe.steps:,} steps of {recipe.batch} pictures; the averaged weights are kept, BatchNorm",
            f"is folded, and the file is float16 ({size / 1e6:.2f} MB). Net: `{json.dumps(dict(recipe.net))}`.",
            "",
            "**Data and terms.** " + TERMS.get(source, source),
            "",
            "```python",
            *_python(recipe),
            "```",
            "",
        ]
    )


def _python(recipe: Recipe) -> list[str]:
    if recipe.model == "eyes":
        return [
            "from PIL import Image",
            "from vaedemo.vision.face_alignment import align, find_face",
            'photo = Image.open("photo.jpg").convert("RGB")',
            "eyes = find_face(photo)  # (2, 2), in its pixels; None: no face is found",
            "face = align(photo, eyes)  # (3, 64, 64) in [0, 1]",
        ]
    load = f'model = vaedemo.load("{recipe.name}")'
    if recipe.model in ("attributecvae", "sharpened", "discvae"):
        return [
            "import vaedemo",
            load,
            'asked = model.asked({"Smiling": 1, "Eyeglasses": 1}).expand(16, -1)  # (16, A)',
            "pictures = model.sample(16, seed=0, y=asked)  # (16, 3, 64, 64) in [0, 1]",
        ]
    if recipe.model == "quadrant":
        return [
            "import vaedemo",
            "from vaedemo.models.quadrant import completed, hide",
            load,
            'digit = vaedemo.load("digits").sample(1, seed=0)  # (1, 1, 28, 28) in [0, 1]',
            "y = hide(digit, 1).expand(8, -1)  # (8, 784): its lower left quadrant",
            "z = model.prior().sample((8,))",
            "pictures = completed(model.decode(z, y), y)  # (8, 1, 28, 28) in [0, 1]",
        ]
    if recipe.model == "quadrant-net":
        return [
            "import vaedemo",
            "from vaedemo import hub",
            "from vaedemo.models.quadrant import completed, hide",
            f'net = hub.load_net("{recipe.name}")',
            'y = hide(vaedemo.load("digits").sample(1, seed=0), 1)  # (1, 784): a digit\'s lower left quadrant',
            "picture = completed(net.predict(y), y)  # (1, 1, 28, 28) in [0, 1]",
        ]
    if recipe.data == "colors":
        return [
            "from pathlib import Path",
            "from vaedemo.app import coloring",
            'photo = coloring.photo(Path("photo.jpg"))',
            f'found = coloring.answers("{recipe.name}", photo.grey, 8, seed=0)  # fields (n, 2, 32, 32)',
            "for i, jpeg in enumerate(coloring.jpegs(photo.light, found.fields)):",
            '    Path(f"colors{i}.jpg").write_bytes(jpeg)',
        ]
    if recipe.model == "motion":
        return [
            "import torch, vaedemo",
            "from vaedemo.data import forks, motion",
            load,
            'still = forks.scene("fork-3", seed=0).still()  # (3, 64, 64), or a photo of a person of that size',
            "y = torch.from_numpy(still).flatten() / 255",
            "futures = model.futures(y, 6, seed=0)  # trajectories (6, 10, 16, 16), z (6, Z)",
            "offsets = motion.to_offsets(futures.trajectories)  # (6, 2, 16 instants, 16, 16), in pixels",
        ]
    if recipe.name in NETS:
        return ["from vaedemo import hub", f'net = hub.load_net("{recipe.name}")']
    if recipe.model != "cvae":
        return ["import vaedemo", load, "pictures = model.sample(16, seed=0)  # (16, C, H, W) in [0, 1]"]
    return [
        "import torch, vaedemo",
        load,
        "sevens = model.condition(torch.full((16,), 7))  # (16, labels), one-hot",
        "pictures = model.sample(16, seed=0, y=sevens)  # (16, C, H, W) in [0, 1]",
    ]


def _error(metrics: Mapping[str, float | int | str], key: str) -> str:
    return f" ± {metrics[key + '_se']}" if key + "_se" in metrics else ""
