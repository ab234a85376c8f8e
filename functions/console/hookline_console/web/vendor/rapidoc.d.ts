/** Defines the element `rapi-doc`. */
export {};
