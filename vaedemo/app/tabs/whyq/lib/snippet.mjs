/** The Python that all of the tab's Code begins with: a digit, black and white, as PyTorch reads it. */
import {MODEL} from './model.mjs';

export const DIGIT = `model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]`;

/** Numbers as Python writes a list. @param {number[]} values */
export const list = values => `[${values.map(value => value.toFixed(4)).join(', ')}]`;
