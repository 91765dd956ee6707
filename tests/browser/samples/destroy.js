tim.destroy().then(() => {
console.log('sdk destroyed');
});
