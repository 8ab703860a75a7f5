// Package rpc builds the gRPC servers and clients of all services, so that interceptors, identity, authorisation,
// validation, deadlines and health cannot drift apart.
//
// Who calls is told by a signed identity in the metadata (IdentityHeader); who may call is told by the rule option of
// the method in proto; a method without a rule is denied. A server owns the goroutines of its connections and
// ends them in Stop. Nothing here knows a service by name.
package rpc
