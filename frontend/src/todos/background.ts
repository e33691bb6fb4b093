// What is needed only when the todos are there: it is loaded then.
export { createDelivery } from "./delivery.ts";
export { follow } from "./following.ts";
