// The server has the report: delete its draft.

import { forgetFiled } from "./draft.js";

for (const page of document.querySelectorAll("[data-filed]")) forgetFiled(page.dataset.filed);
