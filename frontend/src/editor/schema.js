// All that decides which documents the editor can hold; works without a browser (the tests load it in Node).
import { getSchema } from "@tiptap/core";
import { marks } from "./marks.js";
import { mediaNodes } from "./media-nodes.js";
import { textNodes } from "./nodes.js";
import { tableNodes } from "./table-nodes.js";

export const contentExtensions = [...textNodes, ...mediaNodes, ...tableNodes, ...marks];
export const makeSchema = () => getSchema(contentExtensions);
