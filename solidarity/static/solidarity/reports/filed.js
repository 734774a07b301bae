// The server has the report: its draft is forgotten.

import { forgetFiled } from "./draft.js";

for (const page of document.querySelectorAll("[data-filed]")) forgetFiled(page.dataset.filed);
